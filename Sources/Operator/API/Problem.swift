import Execution
import HTTPTypes
import Journal
import Provisioning
import Reports
import Vault

/// An answer that is no success, as `application/problem+json` (RFC 9457): what is wrong in both languages, with a failure
/// code where the station has one for it.
struct Problem: Error, Sendable {
    let status: HTTPResponse.Status
    let detail: Bilingual
    let code: FailureCode?
    /// When it may be asked again.
    let retryAfter: Duration?
    /// What is wrong with a file, place by place; empty for anything else.
    let places: [OrderImport.Problem]

    /// Places that are told at once.
    static let mostPlaces = 1000

    init(
        _ status: HTTPResponse.Status, _ detail: Bilingual, code: FailureCode? = nil, retryAfter: Duration? = nil,
        places: [OrderImport.Problem] = []
    ) {
        (self.status, self.detail, self.code, self.retryAfter) = (status, detail, code, retryAfter)
        self.places = places
    }

    /// What an error of the station is to whoever asked.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let failure as Failure:
            let entry = failure.code.entry
            self.init(
                .conflict,
                Bilingual(
                    zh: "\(entry.zh.happened)。\(entry.zh.action)。",
                    en: "\(entry.en.happened). \(entry.en.action). (\(failure.detail))"), code: failure.code)
        case let error as JournalError:
            switch error.code {
            case .notFound: self.init(.notFound, Bilingual(zh: error.zh ?? "没有找到：\(error)", en: error.description))
            case .conflict: self.init(.conflict, Bilingual(zh: error.zh ?? "现在不允许：\(error)", en: error.description))
            case .folder, .locked, .notDurable, .storage, .broken:
                let entry = FailureCode.journalFault.entry
                self.init(
                    .internalServerError,
                    Bilingual(
                        zh: "\(entry.zh.happened)。\(entry.zh.action)。", en: "\(entry.en.happened). \(entry.en.action)."),
                    code: .journalFault)
            }
        case let error as StationCommand.CommandError:
            self.init(.unprocessableContent, Bilingual(zh: error.zh ?? "不能执行：\(error)", en: error.description))
        case let error as ArchiveError:
            self.init(.unprocessableContent, Bilingual(zh: "文件没有写完：\(error)", en: error.description))
        case let error as OrderImport.Refusal:
            self.init(
                .unprocessableContent,
                Bilingual(
                    zh: "文件有 \(error.problems.count) 处问题，没有导入任何工单",
                    en: "\(error.problems.count) problems in the file: no order was made"),
                places: Array(error.problems.prefix(Self.mostPlaces)))
        case let error as ReleaseStore.ReleaseError:
            self.init(.unprocessableContent, Bilingual(zh: "固件不合格：\(error)", en: error.description))
        default:
            let entry = FailureCode.internalError.entry
            self.init(
                .internalServerError,
                Bilingual(
                    zh: "\(entry.zh.happened)。\(entry.zh.action)。", en: "\(entry.en.happened). \(entry.en.action)."),
                code: .internalError)
        }
    }

    var json: JSONValue {
        [
            "type": "about:blank", "title": .string(status.reasonPhrase), "status": .init(status.code),
            "code": .init(code?.text), "detail": .string(detail.en), "detail_zh": .string(detail.zh),
            "problems": places.isEmpty ? .null : .array(places.map(\.json)),
        ]
    }
}

// MARK: - The door's own

extension Problem {
    static let busy = Problem(
        .tooManyRequests, Bilingual(zh: "登录的人太多，请稍候再试", en: "too many sign-ins at once: try again in a second"),
        retryAfter: .seconds(1))
    static let tooFast = Problem(
        .tooManyRequests,
        Bilingual(zh: "请求太快，请稍候再试", en: "too many requests: at most 50 a second; try again in a second"),
        retryAfter: .seconds(1))
    static let wrongSignIn = Problem(.unauthorized, Bilingual(zh: "工牌或 PIN 不对", en: "wrong badge or PIN"))
    static let wrongCode = Problem(
        .unauthorized,
        Bilingual(
            zh: "一次性代码不对；代码显示在工站自己的终端上",
            en: "wrong one-time code; it is shown on the station's own terminal, and void after 5 wrong ones"))
    static let noFirstStart = Problem(
        .conflict,
        Bilingual(
            zh: "工站已有人员，或一次性代码已作废（重启工站会得到新代码）",
            en: "the station has people already, or the one-time code is void: a restart makes a new one"))
    static let signIn = Problem(.unauthorized, Bilingual(zh: "请先登录：扫工牌", en: "sign in first: scan your badge"))
    static let badToken = Problem(
        .unauthorized, Bilingual(zh: "设备令牌无效", en: "this machine token is not known or was revoked"))
    static let csrf = Problem(
        .forbidden,
        Bilingual(
            zh: "页面已过期，请刷新", en: "X-CSRF-Token is missing or not this session's: load the page again"))
    static let origin = Problem(
        .forbidden, Bilingual(zh: "请求来自别的网站", en: "the request comes from another site's page (Origin)"))

    static func locked(_ wait: Duration) -> Problem {
        let seconds = wait.wholeSeconds
        return Problem(
            .tooManyRequests,
            Bilingual(
                zh: "错误次数太多，\(seconds) 秒后再试", en: "too many wrong attempts: this badge may try again in \(seconds) s"),
            retryAfter: wait)
    }

    static func missing(_ permission: Permission) -> Problem {
        let roles = Role.allCases.filter(permission.roles.contains)
        return Problem(
            .forbidden,
            Bilingual(
                zh: "没有权限：需要\(roles.map(\.zh).joined(separator: "或"))",
                en: "not allowed: \(permission.meaning) takes \(roles.map(\.rawValue).joined(separator: " or "))"))
    }

    static func missing(scope: MachineToken.Scope?) -> Problem {
        Problem(
            .forbidden,
            Bilingual(
                zh: "这个设备令牌不能这样做",
                en: scope.map { "this machine token lacks the scope \($0.rawValue)" } ?? "no machine may do this"))
    }

    static func noPerson(_ id: String) -> Problem {
        Problem(.notFound, Bilingual(zh: "没有人员 \(id)", en: "there is no person \(id)"))
    }

    static func noToken(_ id: String) -> Problem {
        Problem(.notFound, Bilingual(zh: "没有设备令牌 \(id)", en: "there is no machine token \(id)"))
    }

    static let nothing = Problem(
        .notFound,
        Bilingual(zh: "没有这个地址", en: "there is nothing at this address; /api/v1/openapi.json lists those there are"))

    static func body(_ zh: String, _ en: String) -> Problem {
        Problem(.unprocessableContent, Bilingual(zh: zh, en: en))
    }
}

extension Role {
    /// As the page calls it.
    var zh: String {
        switch self {
        case .operator: "操作员"
        case .leader: "线长"
        case .engineer: "工程师"
        case .owner: "品牌方"
        }
    }
}

extension Duration {
    /// Seconds, rounded up: what `Retry-After` and people are told.
    var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
