/// One key press, or one paste, whatever bytes the terminal sent for it.
package enum Key: Sendable, Hashable {
    case text(String)
    /// A bracketed paste; line ends are `\n`.
    case paste(String)
    case enter
    /// A line feed without sending: Alt-Enter or Ctrl-J.
    case newline
    case tab, backspace, delete, escape
    case left, right, up, down, home, end
    case wordLeft, wordRight, deleteWord
    /// Ctrl with a letter, in lower case.
    case control(Character)
}
