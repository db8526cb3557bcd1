// @ts-check
/** The few calls that the page makes, each with the session's token. */

/** A call that was answered with an error, or not at all (`code` is then "unreachable"). */
export class ApiProblem extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
  /** True when the session has expired, was deleted or never was: the API does not say which. */
  get expired() {
    return this.status === 401;
  }
}

/**
 * @param {string} apiURL
 * @param {string} token
 */
export function nangoApi(apiURL, token) {
  const base = apiURL.replace(/\/+$/, "");

  /**
   * @param {string} path
   * @param {{ method?: string, body?: unknown }} [init]
   * @returns {Promise<any>}
   */
  async function call(path, init = {}) {
    /** @type {Response} */
    let response;
    try {
      response = await fetch(base + path, {
        method: init.method ?? "GET",
        headers: {
          authorization: `Bearer ${token}`,
          ...(init.body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      });
    } catch {
      throw new ApiProblem(0, "unreachable", "");
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new ApiProblem(response.status, answer?.error?.code ?? "unknown_error", answer?.error?.message ?? "");
  }

  /**
   * The query that every connecting call carries: the token, and the connection's own settings.
   * @param {Record<string, string>} params
   * @param {Record<string, string>} [more]
   */
  function query(params, more = {}) {
    const search = new URLSearchParams({ connect_session_token: token, ...more });
    for (const [name, value] of Object.entries(params)) search.set(`params[${name}]`, value);
    return search.toString();
  }

  return {
    session: () => call("/connect/session").then((answer) => answer.data),
    integrations: () => call("/integrations").then((answer) => answer.data),
    /** @param {string} key */
    provider: (key) => call(`/providers/${encodeURIComponent(key)}`).then((answer) => answer.data),
    /**
     * Connects with what was typed in.
     * @param {string} kind see typedInKind
     * @param {string} key the integration's
     * @param {{ credentials: Record<string, string>, params: Record<string, string> }} values
     */
    connect: (kind, key, values) =>
      call(`${PATHS[kind]}/${encodeURIComponent(key)}?${query(values.params)}`, {
        method: "POST",
        body: values.credentials,
      }),
    /**
     * The address that the sign-in window opens.
     * @param {string} key
     * @param {Record<string, string>} params
     * @param {string} flow names this try, so that its outcome can be asked for
     */
    signInUrl: (key, params, flow) =>
      `${base}/oauth/connect/${encodeURIComponent(key)}?${query(params, { ws_client_id: flow })}`,
  };
}

/** @type {Record<string, string>} */
const PATHS = {
  API_KEY: "/api-auth/api-key",
  BASIC: "/api-auth/basic",
  TWO_STEP: "/auth/two-step",
  OAUTH2_CC: "/oauth2/auth",
  AWS_SIGV4: "/auth/aws-sigv4",
  NONE: "/auth/unauthenticated",
  OUTBOUND: "/auth/oauth-outbound",
};

/**
 * How a provider is connected: a key of the paths above, or null for its own page in a window.
 * @param {{ auth_mode: string, installation?: string }} provider
 */
export function typedInKind(provider) {
  if (provider.auth_mode === "OAUTH2" && provider.installation === "outbound") return "OUTBOUND";
  return provider.auth_mode in PATHS ? provider.auth_mode : null;
}
