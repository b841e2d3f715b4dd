import Model
import Schedules
import Testing

/// What is refused, and in what words.
@Suite struct CronParserTests {
    @Test(arguments: [
        ("", "five fields"), ("   ", "This one is empty"), ("* * * *", "has 4"), ("0 0 0 * * *", "seconds and years"),
        ("60 * * * *", "minute “60”: 60 is outside; allowed are 0 to 59"), ("* 24 * * *", "hour “24”: 24 is outside"),
        ("* * 0 * *", "day of month “0”"), ("* * 32 * *", "1 to 31"), ("* * * 13 *", "1 to 12, or jan to dec"),
        ("* * * 0 *", "month"), ("* * * * 8", "0 to 7 (0 and 7 are Sunday), or sun to sat"),
        ("* * * foo *", "“foo” is no value"), ("* * * january *", "no value"), ("mon * * * *", "no value"),
        ("* * * * 1,,2", "an item of the list is empty"), ("1, * * * *", "empty"), (", * * * *", "empty"),
        ("*/0 * * * *", "a step of 0 never moves"), ("*/ * * * *", "a step is a number"), ("*/x * * * *", "a step"),
        ("5/10 * * * *", "5-59/10"), ("*-5 * * * *", "no value"), ("1-2-3 * * * *", "no value"),
        ("1/2/3 * * * *", "a step"), ("-5 * * * *", "a value is missing"), ("5- * * * *", "a value is missing"),
        ("30-10 * * * *", "30-59,0-10"), ("* * * * fri-mon", "fri-6,0-mon"),
        ("* * * * 6-sun", "does not run backwards"),
        ("? * * * *", "? is of other crons"), ("* * L * *", "L is of other crons"), ("* * * * 5#2", "# is of other"),
        ("* * 15W * *", "no value"), ("*5 * * * *", "no value"), ("5x * * * *", "no value"), ("+5 * * * *", "no value"),
        ("٣ * * * *", "no value"), ("1.5 * * * *", "no value"), ("00000 * * * *", "no value"),
        ("99999999999999999999 * * * *", "no value"), ("*/99999999999999999999 * * * *", "a step"),
        ("0 0 30 2 *", "no month has such a day"), ("0 0 31 2,4,6 *", "no month has such a day"),
        ("0 0 30-31 feb */2", "no month has such a day"), ("0 0 31 apr *", "April"),
        ("@reboot", "a task runs at a time"), ("@Reboot", "a task runs at a time"), ("@Daily", "Small letters only"),
        ("@every 5m", "is none of @hourly"), ("@", "is none of"), ("@daily 5", "nothing stands after @daily"),
        ("0 0\n* * *", "has 4"), ("0\u{A0}0 * * *", "has 4"), ("\u{1B}[31m * * * *", "?[31m"),
    ])
    func whatIsWrongIsSaid(text: String, words: String) {
        let error = #expect(throws: ScheduleError.self) { try CronExpression(text) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.unicodeScalars.contains { $0.value < 0x20 } == false)
    }

    @Test(arguments: [
        "0 9 * * MON-fri", "* * * JAN-mar *", "0,15,30-45/5 8-18/2 1,15 */3 sun,2", "  5\t4  *   * *  ", "007 0 * * *",
        "*/100 * * * *", "0-59/70 * * * *", "0 0 31 2 mon", "0 0 29 2 *", "0 0 */31 * */7", "* * * * 0-7", "@monthly",
        "@yearly ",
    ])
    func whatCronTakesIsTaken(text: String) {
        #expect(throws: Never.self) { try CronExpression(text) }
    }

    @Test func itIsKeptAsWrittenWithoutNeedlessBlanks() throws {
        #expect(try CronExpression("  5\t4  *   * MON ").text == "5 4 * * MON")
        #expect(try CronExpression("5 4 * * MON") != CronExpression("5 4 * * 1"))
    }

    @Test func anExpressionHasALength() throws {
        let all = (0..<60).map(String.init).joined(separator: ",")
        #expect(throws: Never.self) { try CronExpression("\(all) * * * *") }
        let error = #expect(throws: ScheduleError.self) {
            try CronExpression(String(repeating: "0,", count: 600) + "0 * * * *")
        }
        #expect(error?.message.contains("at most 1000 characters") == true)
    }

    /// Whatever is written, it is taken or refused, at once; what is taken has a next time.
    @Test func anything() throws {
        let alphabet = Array("0123456789 *,-/@#?LWabcdefmonsunjan\t\n\0é٣\u{1F600}")
        var random = SeededGenerator(seed: 7)
        var taken = 0
        for _ in 0..<50_000 {
            let length = Int.random(in: 0...24, using: &random)
            let text = String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
            guard let expression = try? CronExpression(text) else { continue }
            taken += 1
            #expect(expression.next(after: Timestamp(milliseconds: 0), in: .utc) != nil, "\(text)")
        }
        // Those that are made to be right, with one character changed.
        var generator = CronGenerator(random: random)
        for _ in 0..<20_000 {
            var text = Array(generator.expression())
            let place = Int.random(in: 0..<text.count, using: &generator.random)
            text[place] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator.random)]
            guard let expression = try? CronExpression(String(text)) else { continue }
            taken += 1
            #expect(expression.next(after: Timestamp(milliseconds: 0), in: .utc) != nil)
        }
        #expect(taken > 2000)
    }
}
