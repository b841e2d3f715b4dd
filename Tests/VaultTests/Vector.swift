enum Vector {
    static let wrapped =
        "0707070707070707070707072f4b847f4b2af1d3eeb439abac7cdab4916dbf40bcc2b72ec68264c1"
        + "38e30c24e0f810c99998ffad1398ce2c47fd0d47"
    static let keyID = "b4a23096855a1d0f"
}
