internal import Hummingbird

/// What every answer tells the browser it may do with it.
enum SecurityHeaders {
    /// For pages: our own scripts, styles and connections, nothing else. No inline script or style, no `data:` images,
    /// no remote images; with Trusted Types the browser refuses `innerHTML` and its kin outright, so that a mistake in
    /// our scripts cannot turn content into markup.
    static let page = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
        form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
        require-trusted-types-for 'script'; trusted-types 'none'
        """

    /// For everything that is not a page: should a browser ever show it, it can do nothing.
    static let inert = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"

    static func apply(to response: inout Response, isSecure: Bool) {
        let isPage = response.headers[.contentType]?.hasPrefix("text/html") == true
        response.headers[.contentSecurityPolicy] = isPage ? page : inert
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.frameOptions] = "DENY"
        response.headers[.crossOriginOpenerPolicy] = "same-origin"
        response.headers[.crossOriginResourcePolicy] = "same-origin"
        response.headers[.permissionsPolicy] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        if isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
    }
}

extension HTTPFields.Key {
    private static func known(_ name: String) -> HTTPFields.Key {
        guard let field = HTTPFields.Key(name) else { preconditionFailure("not a header name: \(name)") }
        return field
    }

    static let referrerPolicy = known("Referrer-Policy")
    static let frameOptions = known("X-Frame-Options")
    static let crossOriginOpenerPolicy = known("Cross-Origin-Opener-Policy")
    static let crossOriginResourcePolicy = known("Cross-Origin-Resource-Policy")
    static let permissionsPolicy = known("Permissions-Policy")
    static let crossSiteToken = known("X-Bulkhead-CSRF")
    static let actAs = known("X-Bulkhead-As")
    static let fetchSite = known("Sec-Fetch-Site")
    static let lastEventID = known("Last-Event-ID")
    static let accelBuffering = known("X-Accel-Buffering")
}
