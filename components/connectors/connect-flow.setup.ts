import type Nango from "@nangohq/frontend";
import type { ConnectUIEvent } from "@nangohq/frontend";
import { afterEach, beforeEach, expect, vi } from "vitest";
import type { AttemptView, ConfirmAnswer, ConnectionView } from "@/lib/api/views";
import { ConnectFlow } from "./connect-flow";
import type { ConnectCalls, ConnectFlowOptions } from "./connect-state";

/**
 * The flow for its tests: the real one, with stand-ins for Nango's module, which stands at the edge of the browser, and
 * for our own API.
 */

export const github = { slug: "github", name: "GitHub" };
export const attempt = (status: AttemptView["status"], outcome: string | null = null): AttemptView => ({
  id: "a1",
  connector: "github",
  status,
  outcome,
  connection_id: null,
  expires_at: "2026-01-01T00:30:00Z",
});
export const session = {
  oauth_method: "nango" as const,
  sessionToken: "token",
  attemptId: "a1",
  expiresAt: "2026-01-01T00:30:00Z",
  connectLink: "https://connect.test/?session_token=token",
};
export const directSession = {
  oauth_method: "direct" as const,
  attemptId: "a1",
  expiresAt: "2026-01-01T00:10:00Z",
  authorizationUrl: "https://github.test/login/oauth/authorize?state=s1",
  fallback: false,
};
export const connection = { id: "c1", connector: "github", label: null, account_name: "ada" } as ConnectionView;

export const again = { id: "c1", account: "acme-bot" };
export const broken = { ...github, again };
export const looked = (code: string, status = "connected") =>
  ({ ...connection, status, condition: { code } }) as ConnectionView;
export const checking = looked("checking", "needs_attention");

export function setUp(
  calls: Partial<ConnectCalls> = {},
  options: { nango?: null; asked?: ConnectFlowOptions["asked"] } = {},
) {
  let emit: (event: ConnectUIEvent) => void = () => {};
  const frames = { loaded: 0, opened: 0, closed: 0, tokens: [] as string[] };
  class FakeNango {
    openConnectUI(options: { onEvent: (event: ConnectUIEvent) => void }) {
      frames.opened += 1;
      emit = options.onEvent;
      return {
        iframe: null,
        setSessionToken: (token: string) => frames.tokens.push(token),
        close: () => {
          frames.closed += 1;
        },
      };
    }
  }
  const mocks = {
    start: vi.fn<ConnectCalls["start"]>(async () => session),
    reconnect: vi.fn<ConnectCalls["reconnect"]>(async () => session),
    connection: vi.fn<ConnectCalls["connection"]>(async () => looked("healthy")),
    attempt: vi.fn<ConnectCalls["attempt"]>(async () => attempt("open")),
    confirm: vi.fn<ConnectCalls["confirm"]>(
      async (): Promise<ConfirmAnswer> => ({ attempt: attempt("confirmed", "connected"), connection }),
    ),
    cancel: vi.fn<ConnectCalls["cancel"]>(async () => undefined),
    ...calls,
  };
  const onConnected = vi.fn();
  const onChecking = vi.fn();
  const onChecked = vi.fn();
  const onLeft = vi.fn();
  const flow = new ConnectFlow({
    nango: { connectUrl: "https://connect.test", apiUrl: "https://api.test" },
    ...options,
    calls: mocks,
    loadNango: async () => {
      frames.loaded += 1;
      return FakeNango as unknown as typeof Nango;
    },
    language: "en",
    theme: () => "light",
    frameTitle: ({ name }) => `Connect ${name}`,
    windowText: ({ name }) => `Opening ${name}`,
    onConnected,
    onChecking,
    onChecked,
    onLeft,
    frameTimeout: 8000,
  });
  return {
    flow,
    frames,
    mocks,
    onConnected,
    onChecking,
    onChecked,
    onLeft,
    emit: (event: ConnectUIEvent) => emit(event),
  };
}

export const settle = () => vi.advanceTimersByTimeAsync(0);
export const connectEvent = {
  type: "connect",
  payload: { connectionId: "n1", providerConfigKey: "github" },
} as unknown as ConnectUIEvent;
export const errorEvent = (errorType: string, errorMessage = ""): ConnectUIEvent =>
  ({ type: "error", payload: { errorType, errorMessage } }) as unknown as ConnectUIEvent;

/** A clock that the test turns, and as much of a window as opening a frame asks for. */
export function inABrowser(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("document", { documentElement: { clientWidth: 1000, toggleAttribute: () => {} } });
    vi.stubGlobal("window", { innerWidth: 1000 });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}

/** The windows that a page opens, as much of them as it uses. @param blocked the browser opens none */
export function openedWindows({ blocked = false } = {}) {
  const windows: { address: string | null; closed: boolean; said: string }[] = [];
  const open = vi.fn((address: string, _name: string, features: string) => {
    if (blocked) return null;
    const seen = { address: address || null, closed: false, said: "" };
    windows.push(seen);
    expect(features).not.toMatch(/noopener|noreferrer/);
    return {
      get closed() {
        return seen.closed;
      },
      close: () => {
        seen.closed = true;
      },
      location: {
        replace: (url: string) => {
          seen.address = url;
        },
      },
      document: {
        title: "",
        body: {
          style: {},
          set textContent(text: string) {
            seen.said = text;
          },
        },
        documentElement: { style: {} },
      },
    };
  });
  vi.stubGlobal("window", { innerWidth: 1000, screenX: 0, screenY: 0, outerWidth: 1000, outerHeight: 800, open });
  return windows;
}
