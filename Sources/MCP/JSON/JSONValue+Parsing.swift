extension JSONValue {
    package init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        try self.init(parsing: bytes.span, limits: limits)
    }

    package init(parsing bytes: Span<UInt8>, limits: JSONLimits = .default) throws(JSONError) {
        var parser = JSONParser(limits: limits)
        self = try parser.document(bytes)
    }

    package init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .default) throws(JSONError) {
        try self.init(parsing: Span(_unsafeBytes: bytes), limits: limits)
    }

    package init(parsing text: String, limits: JSONLimits = .default) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }
}
