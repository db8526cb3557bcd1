import type Nango from "@nangohq/frontend";
import type { ConnectUIEvent } from "@nangohq/frontend";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiFailure } from "@/components/api-client";
import type { AttemptView, ConfirmAnswer, ConnectionView } from "@/lib/api/views";
import { ConnectFlow } from "./connect-flow";
import type { ConnectCalls } from "./connect-state";

// Nango's module stands at the edge of the browser; everything else here is the real flow.

const github = { slug: "github", name: "GitHub" };
const attempt = (status: AttemptView["status"], outcome: string | null = null): AttemptView => ({
  id: "a1",
  connector: "github",
  status,
  outcome,
  connection_id: null,
  expires_at: "2026-01-01T00:30:00Z",
});
const session = {
  sessionToken: "token",
  attemptId: "a1",
  expiresAt: "2026-01-01T00:30:00Z",
  connectLink: "https://connect.test/?session_token=token",
};
const connection = { id: "c1", connector: "github", label: null, account_name: "ada" } as ConnectionView;

function setUp(calls: Partial<ConnectCalls> = {}) {
  let emit: (event: ConnectUIEvent) => void = () => {};
  const frames = { opened: 0, closed: 0, tokens: [] as string[] };
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
    attempt: vi.fn<ConnectCalls["attempt"]>(async () => attempt("open")),
    confirm: vi.fn<ConnectCalls["confirm"]>(
      async (): Promise<ConfirmAnswer> => ({ attempt: attempt("confirmed", "connected"), connection }),
    ),
    cancel: vi.fn<ConnectCalls["cancel"]>(async () => undefined),
    ...calls,
  };
  const onConnected = vi.fn();
  const flow = new ConnectFlow({
    connectUrl: "https://connect.test",
    apiUrl: "https://api.test",
    calls: mocks,
    loadNango: async () => FakeNango as unknown as typeof Nango,
    language: "en",
    theme: () => "light",
    frameTitle: (name) => `Connect ${name}`,
    onConnected,
    frameTimeout: 8000,
  });
  return { flow, frames, mocks, onConnected, emit: (event: ConnectUIEvent) => emit(event) };
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const connectEvent = {
  type: "connect",
  payload: { connectionId: "n1", providerConfigKey: "github" },
} as unknown as ConnectUIEvent;
const errorEvent = (errorType: string, errorMessage = ""): ConnectUIEvent =>
  ({ type: "error", payload: { errorType, errorMessage } }) as unknown as ConnectUIEvent;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { documentElement: { clientWidth: 1000, toggleAttribute: () => {} } });
  vi.stubGlobal("window", { innerWidth: 1000 });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a try to connect", () => {
  test("opens the frame in the click itself once the module is there, before any answer of the server", async () => {
    const { flow, frames, mocks } = setUp();
    await flow.preload();
    flow.start(github, "everyone");
    expect(frames.opened).toBe(1);
    expect(frames.tokens).toEqual([]);
    expect(flow.getState().phase).toBe("opening");
    await settle();
    expect(frames.tokens).toEqual(["token"]);
    expect(flow.getState().phase).toBe("waiting");
    expect(mocks.start).toHaveBeenCalledExactlyOnceWith({ connector: "github", visibility: "everyone" });
  });

  test("a double click is one attempt", async () => {
    const { flow, frames, mocks } = setUp();
    await flow.preload();
    flow.start(github, "everyone");
    flow.start(github, "everyone");
    await settle();
    expect(mocks.start).toHaveBeenCalledTimes(1);
    expect(frames.opened).toBe(1);
  });

  test("what the frame reports is shown only after the server confirmed it", async () => {
    let answer: (value: ConfirmAnswer) => void = () => {};
    const { flow, emit, onConnected, frames } = setUp({
      confirm: () => new Promise((resolve) => (answer = resolve)),
    });
    flow.start(github, "everyone");
    await settle();
    emit(connectEvent);
    expect(flow.getState().phase).toBe("finishing");
    expect(onConnected).not.toHaveBeenCalled();
    answer({ attempt: attempt("confirmed", "connected"), connection });
    await settle();
    expect(flow.getState()).toMatchObject({ phase: "connected", slug: "github" });
    expect(onConnected).toHaveBeenCalledExactlyOnceWith(github, connection);
    expect(frames.closed).toBe(1);
  });

  test("polling finds the connection when the frame says nothing", async () => {
    let status: AttemptView["status"] = "open";
    const { flow, onConnected } = setUp({ attempt: async () => attempt(status) });
    flow.start(github, "everyone");
    await settle();
    status = "confirmed";
    await vi.advanceTimersByTimeAsync(1000);
    expect(flow.getState().phase).toBe("connected");
    expect(onConnected).toHaveBeenCalledTimes(1);
  });

  test("event and poll together connect once", async () => {
    const { flow, emit, onConnected } = setUp({ attempt: async () => attempt("confirmed") });
    flow.start(github, "everyone");
    await settle();
    emit(connectEvent);
    await vi.advanceTimersByTimeAsync(3000);
    expect(onConnected).toHaveBeenCalledTimes(1);
    expect(flow.getState().phase).toBe("connected");
  });

  test("a closed frame is a quiet cancel, and a sign-in that is finished late still counts", async () => {
    let status: AttemptView["status"] = "abandoned";
    const { flow, emit, mocks, onConnected } = setUp({ attempt: async () => attempt(status) });
    flow.start(github, "everyone");
    await settle();
    emit({ type: "close" });
    expect(flow.getState()).toEqual({ phase: "idle" });
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "closed");
    status = "confirmed";
    await vi.advanceTimersByTimeAsync(4000);
    expect(onConnected).toHaveBeenCalledTimes(1);
  });

  test("a frame closed before the session came ends that session", async () => {
    let answer: (value: typeof session) => void = () => {};
    const { flow, emit, mocks, frames } = setUp({ start: () => new Promise((resolve) => (answer = resolve)) });
    await flow.preload();
    flow.start(github, "everyone");
    emit({ type: "close" });
    answer(session);
    await settle();
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "closed");
    expect(frames.tokens).toEqual([]);
  });

  test("a refused consent says so and closes the frame", async () => {
    const { flow, emit, mocks, frames } = setUp();
    flow.start(github, "everyone");
    await settle();
    emit(errorEvent("callback_err", "access_denied"));
    expect(flow.getState()).toMatchObject({ phase: "failed", reason: "denied" });
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "denied");
    expect(frames.closed).toBe(1);
  });

  test("a wrong key is mended in the frame, which stays open", async () => {
    const { flow, emit, mocks, frames } = setUp();
    flow.start(github, "everyone");
    await settle();
    emit(errorEvent("connection_test_failed", "401"));
    expect(flow.getState().phase).toBe("waiting");
    expect(frames.closed).toBe(0);
    expect(mocks.cancel).not.toHaveBeenCalled();
  });

  test("a blocked popup leaves a plain link and a try that goes on", async () => {
    const { flow, emit, mocks } = setUp();
    flow.start(github, "everyone");
    await settle();
    emit(errorEvent("blocked_by_browser"));
    expect(flow.getState()).toMatchObject({
      phase: "waiting",
      frame: false,
      trouble: "popup_blocked",
      link: "https://connect.test/?session_token=token&apiURL=https%3A%2F%2Fapi.test",
    });
    expect(mocks.cancel).not.toHaveBeenCalled();
  });

  test("a frame that never answers is given up for the link", async () => {
    const { flow } = setUp();
    flow.start(github, "everyone");
    await vi.advanceTimersByTimeAsync(8000);
    expect(flow.getState()).toMatchObject({ phase: "waiting", frame: false, trouble: "frame_blocked" });
  });

  test("a refusal of the server closes the frame and names its code", async () => {
    const { flow, frames } = setUp({
      start: async () => {
        throw new ApiFailure("connector_blocked", "r1");
      },
    });
    await flow.preload();
    flow.start(github, "everyone");
    await settle();
    expect(flow.getState()).toMatchObject({ phase: "failed", reason: "connector_blocked" });
    expect(frames.closed).toBe(1);
  });

  test("an expired attempt ends with a reason, and a new try can start", async () => {
    const { flow, mocks } = setUp({ attempt: async () => attempt("expired", "expired") });
    flow.start(github, "everyone");
    await vi.advanceTimersByTimeAsync(1000);
    expect(flow.getState()).toMatchObject({ phase: "failed", reason: "expired" });
    flow.start(github, "only_me");
    await settle();
    expect(mocks.start).toHaveBeenCalledTimes(2);
  });
});
