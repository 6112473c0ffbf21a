import Foundation
import Provisioning

extension StationCommand.OrderDraft {
    /// Reads the draft against the profiles that the station has.
    /// - Returns: the order that is to be made, nil where something is wrong; and everything that is.
    func read(_ profiles: [String: BoardProfile]) -> (order: NewOrder?, problems: [OrderProblem]) {
        var problems: [OrderProblem] = []
        func refuse(_ field: String, _ received: String, zh: String, en: String) {
            problems.append(
                OrderProblem(field, zh: "收到 \"\(received)\"，应为\(zh)", en: "received \"\(received)\", expected \(en)"))
        }
        let isKey = productKey.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        if !isKey || !(1...32).contains(productKey.count) {
            refuse("product_key", productKey, zh: " 1 到 32 个字母或数字", en: "1 to 32 letters and digits")
        }
        let board = profiles[profile]
        if board == nil {
            let known = profiles.keys.sorted().joined(separator: ", ")
            refuse("profile", profile, zh: "已有的板型：\(known)", en: "one of the board profiles: \(known)")
        }
        if !(1...Self.largestQuota).contains(quota) {
            refuse("quota", "\(quota)", zh: " 1 到 \(Self.largestQuota)", en: "1 to \(Self.largestQuota)")
        }
        let registration = RegistrationMode(rawValue: mode)
        if registration == nil {
            let modes = RegistrationMode.allCases.map(\.rawValue)
            refuse("mode", mode, zh: modes.joined(separator: "或"), en: modes.joined(separator: " or "))
        }
        let kind = ActivationMode(activation)
        if kind == nil {
            refuse(
                "activation", activation, zh: " board、relay 或 sample=N（N 为 2 到 1000）",
                en: "board, relay or sample=N with N from 2 to 1000")
        }
        if kind == .relay, let board, board.relay == nil {
            refuse(
                "activation", activation, zh: "板型 \(profile) 能做的方式：它没有 [relay]",
                en: "a mode of profile \(profile), which has no [relay]: its boards cannot be handed a credential")
        }
        let span = window.flatMap { ProductionWindow($0) }
        if let window, span == nil { refuse("window", window, zh: Self.windowWords.zh, en: Self.windowWords.en) }
        let limits = OrderLimits(
            runs: runLimit, stepRetries: stepRetries, offlineBoards: offlineBoards, offlineMinutes: offlineMinutes)
        problems += limits.problems
        var (rule, listed): (IdentityRule, [Identity]?) = (.any, nil)
        if let allow, let board {
            do { (rule, listed) = try Self.rule(allow, board) } catch {
                problems += (error as? RuleProblems)?.problems ?? []
            }
        }
        guard problems.isEmpty, let registration, let kind else { return (nil, problems) }
        let terms = WorkOrder.Terms(
            productKey: productKey, release: release, profile: profile, quota: quota, registration: registration,
            activation: kind, window: span,
            rules: OrderRules(labelScan: labelScan, firstArticle: firstArticle, stopsOnRepetition: stopOnRepetition),
            identities: rule, limits: limits)
        return (NewOrder(terms: terms, listed: listed), [])
    }

    /// The most units that an order may have.
    static let largestQuota = 10_000_000
    static let windowWords = (
        zh: " FROM/UNTIL，如 2026-11-25T08:00:00Z/2026-11-28T20:00:00Z，后者较晚",
        en: "FROM/UNTIL, each as 2026-11-25T08:00:00Z, the later one last"
    )

    private struct RuleProblems: Error { let problems: [OrderProblem] }

    /// Which identities the text names: a rule, or a list after `list:`.
    private static func rule(_ text: String, _ board: BoardProfile) throws -> (IdentityRule, [Identity]?) {
        let (kind, pattern) = (board.identity.kind, board.identity.pattern)
        guard text.hasPrefix("list:") else {
            do { return (try IdentityRule(text, kind: kind), nil) } catch {
                throw RuleProblems(problems: [
                    OrderProblem(
                        "allow", zh: "收到 \"\(text)\"，应为 any、list:、range:、oui:、tac: 或 pattern:",
                        en: "received \"\(text)\": \(error)")
                ])
            }
        }
        var (listed, problems): ([Identity], [OrderProblem]) = ([], [])
        for word in text.dropFirst(5).split(whereSeparator: { $0.isWhitespace || $0 == "," || $0 == ";" }) {
            do { listed.append(try Identity(kind: kind, value: String(word), pattern: pattern)) } catch {
                problems.append(
                    OrderProblem(
                        "allow", zh: "清单中的 \"\(word)\" 不是有效的 \(kind.rawValue)", en: "in the list: \(error.description)")
                )
            }
        }
        if listed.isEmpty, problems.isEmpty {
            problems.append(OrderProblem("allow", zh: "清单里没有标识", en: "the list has no \(kind.rawValue)"))
        }
        guard problems.isEmpty else { throw RuleProblems(problems: problems) }
        return (.any, listed)
    }
}

extension OrderLimits {
    /// What is out of its range.
    var problems: [OrderProblem] {
        let fields: [(String, Int?, ClosedRange<Int>)] = [
            ("run_limit", runs, Self.runsRange), ("step_retries", stepRetries, Self.stepRetriesRange),
            ("offline_boards", offlineBoards, Self.offlineBoardsRange),
            ("offline_minutes", offlineMinutes, Self.offlineMinutesRange),
        ]
        return fields.compactMap { field, value, range in
            guard let value, !range.contains(value) else { return nil }
            let (low, high) = (range.lowerBound, range.upperBound)
            return OrderProblem(
                field, zh: "收到 \(value)，应为 \(low) 到 \(high)", en: "received \(value), expected \(low) to \(high)")
        }
    }
}
