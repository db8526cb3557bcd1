import { describe, expect, test, vi } from "vitest";
import { ApiFailure } from "@/components/api-client";
import type { AttemptView } from "@/lib/api/views";
import {
  again,
  attempt,
  connection,
  directSession,
  github,
  inABrowser,
  looked,
  openedWindows,
  session,
  settle,
  setUp,
} from "./connect-flow.setup";
import type { ConnectCalls } from "./connect-state";

inABrowser();

const direct = { ...github, method: "direct" as const };
/** Longer than a look whether the window is still there. */
const aGlance = 500;
const directly = (calls: Partial<ConnectCalls> = {}) =>
  setUp({ start: vi.fn(async () => directSession), reconnect: vi.fn(async () => directSession), ...calls });

describe("a try directly at the provider", () => {
  test("opens a window in the click itself, and sends it to the provider when the server has answered", async () => {
    const windows = openedWindows();
    const { flow, frames } = directly();
    flow.start(direct, "everyone");
    expect(windows).toEqual([{ address: null, closed: false, said: "Opening GitHub" }]);
    expect(flow.getState()).toMatchObject({ phase: "opening", frame: false });
    await settle();
    expect(windows[0]?.address).toBe(directSession.authorizationUrl);
    expect(flow.getState()).toMatchObject({ phase: "waiting", link: directSession.authorizationUrl, trouble: null });
    expect(frames).toMatchObject({ loaded: 0, opened: 0 });
  });

  test("a double click is one attempt and one window", async () => {
    const windows = openedWindows();
    const { flow, mocks } = directly();
    flow.start(direct, "everyone");
    flow.start(direct, "everyone");
    await settle();
    expect(mocks.start).toHaveBeenCalledTimes(1);
    expect(windows).toHaveLength(1);
  });

  test("is connected when the server says so, and the window is gone", async () => {
    const windows = openedWindows();
    let status: AttemptView["status"] = "open";
    const { flow, onConnected } = directly({ attempt: async () => attempt(status) });
    flow.start(direct, "everyone");
    await settle();
    status = "confirmed";
    await vi.advanceTimersByTimeAsync(1_000);
    expect(flow.getState()).toMatchObject({ phase: "connected", slug: "github" });
    expect(onConnected).toHaveBeenCalledTimes(1);
    expect(windows[0]?.closed).toBe(true);
  });

  test("a window that closes itself after success is no cancel", async () => {
    const windows = openedWindows();
    const { flow, mocks, onConnected } = directly({ attempt: async () => attempt("confirmed", "connected") });
    flow.start(direct, "everyone");
    await settle();
    if (windows[0]) windows[0].closed = true;
    await vi.advanceTimersByTimeAsync(aGlance);
    expect(flow.getState().phase).toBe("connected");
    expect(onConnected).toHaveBeenCalledTimes(1);
    expect(mocks.cancel).not.toHaveBeenCalled();
  });

  test("a refused consent says so", async () => {
    const windows = openedWindows();
    const { flow, mocks } = directly({ attempt: async () => attempt("failed", "denied") });
    flow.start(direct, "everyone");
    await settle();
    if (windows[0]) windows[0].closed = true;
    await vi.advanceTimersByTimeAsync(aGlance);
    expect(flow.getState()).toMatchObject({ phase: "failed", reason: "outcome:denied", fallback: false });
    expect(mocks.cancel).not.toHaveBeenCalled();
  });

  test("a closed window is a quiet cancel, and a sign-in that is finished late still counts", async () => {
    const windows = openedWindows();
    let status: AttemptView["status"] = "open";
    const { flow, mocks, onConnected } = directly({ attempt: async () => attempt(status) });
    flow.start(direct, "everyone");
    await settle();
    if (windows[0]) windows[0].closed = true;
    await vi.advanceTimersByTimeAsync(aGlance);
    expect(flow.getState()).toEqual({ phase: "idle" });
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "closed");
    status = "confirmed";
    await vi.advanceTimersByTimeAsync(4_000);
    expect(onConnected).toHaveBeenCalledTimes(1);
  });

  test("a window closed before the server answered ends the attempt that comes of it", async () => {
    const windows = openedWindows();
    let answer: (value: typeof directSession) => void = () => {};
    const { flow, mocks } = directly({ start: () => new Promise((resolve) => (answer = resolve)) });
    flow.start(direct, "everyone");
    if (windows[0]) windows[0].closed = true;
    await vi.advanceTimersByTimeAsync(aGlance);
    expect(flow.getState()).toEqual({ phase: "idle" });
    answer(directSession);
    await settle();
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "closed");
    expect(windows[0]?.address).toBeNull();
  });

  test("giving up closes the window and is final", async () => {
    const windows = openedWindows();
    const { flow, mocks } = directly();
    flow.start(direct, "everyone");
    await settle();
    flow.cancel();
    expect(windows[0]?.closed).toBe(true);
    expect(flow.getState()).toEqual({ phase: "idle" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "cancelled");
    expect(mocks.attempt).not.toHaveBeenCalled();
  });

  test("a blocked window leaves a plain link and a try that goes on", async () => {
    openedWindows({ blocked: true });
    let status: AttemptView["status"] = "open";
    const { flow, onConnected } = directly({ attempt: async () => attempt(status) });
    flow.start(direct, "everyone");
    await settle();
    expect(flow.getState()).toMatchObject({
      phase: "waiting",
      trouble: "popup_blocked",
      link: directSession.authorizationUrl,
    });
    status = "confirmed";
    await vi.advanceTimersByTimeAsync(1_000);
    expect(onConnected).toHaveBeenCalledTimes(1);
  });

  test("going on in a tab closes the window without giving up", async () => {
    const windows = openedWindows();
    const { flow, mocks } = directly();
    flow.start(direct, "everyone");
    await settle();
    flow.continueInTab();
    await vi.advanceTimersByTimeAsync(aGlance);
    expect(windows[0]?.closed).toBe(true);
    expect(flow.getState().phase).toBe("waiting");
    expect(mocks.cancel).not.toHaveBeenCalled();
  });

  test("a refusal of the server closes the window and names its code", async () => {
    const windows = openedWindows();
    const { flow } = directly({ start: () => Promise.reject(new ApiFailure("connector_blocked")) });
    flow.start(direct, "everyone");
    await settle();
    expect(flow.getState()).toMatchObject({ phase: "failed", reason: "connector_blocked", fallback: false });
    expect(windows[0]?.closed).toBe(true);
  });

  test("signing an account in again is looked at before it counts, as through Nango", async () => {
    openedWindows();
    const { flow, onChecked, onChecking } = directly({ attempt: async () => attempt("confirmed", "reconnected") });
    flow.reconnect({ ...direct, again });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(onChecking).toHaveBeenCalledTimes(1);
    expect(onChecked).toHaveBeenCalledExactlyOnceWith(again, { ...direct, again }, looked("healthy"));
  });
});

describe("where Nango is not used", () => {
  test("nothing of it is loaded, whatever the page thought of a connector", async () => {
    const windows = openedWindows();
    const { flow, frames } = setUp({ start: async () => directSession }, { nango: null });
    await flow.preload();
    flow.start(github, "everyone");
    await settle();
    expect(frames).toMatchObject({ loaded: 0, opened: 0 });
    expect(windows[0]?.address).toBe(directSession.authorizationUrl);
  });
});

describe("while Nango is away", () => {
  test("the way around it is offered, and taken by a click alone", async () => {
    const windows = openedWindows();
    const start = vi
      .fn<ConnectCalls["start"]>()
      .mockRejectedValueOnce(new ApiFailure("nango_unreachable", "r1", "direct"))
      .mockResolvedValueOnce(directSession);
    const { flow, frames } = setUp({ start });
    await flow.preload();
    flow.start(github, "only_me");
    await settle();
    expect(flow.getState()).toMatchObject({ phase: "failed", reason: "nango_unreachable", fallback: true });
    expect(frames.closed).toBe(1);
    expect(windows).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(start).toHaveBeenCalledTimes(1);

    flow.startDirectly();
    expect(windows).toHaveLength(1);
    await settle();
    expect(start).toHaveBeenLastCalledWith({ connector: "github", visibility: "only_me", oauthMethod: "direct" });
    expect(windows[0]?.address).toBe(directSession.authorizationUrl);
  });

  test("nothing is taken that was not offered", async () => {
    openedWindows();
    const { flow, mocks } = setUp({ start: vi.fn(() => Promise.reject(new ApiFailure("nango_unreachable"))) });
    flow.start(github, "everyone");
    await settle();
    expect(flow.getState()).toMatchObject({ phase: "failed", fallback: false });
    flow.startDirectly();
    expect(mocks.start).toHaveBeenCalledTimes(1);
    expect(flow.getState().phase).toBe("failed");
  });

  test("an answer that went around it closes the frame and leaves a link, which says why", async () => {
    const windows = openedWindows();
    const { flow, frames, mocks } = setUp({ start: async () => ({ ...directSession, fallback: true }) });
    await flow.preload();
    flow.start(github, "everyone");
    await settle();
    expect(flow.getState()).toMatchObject({
      phase: "waiting",
      frame: false,
      trouble: "nango_away",
      link: directSession.authorizationUrl,
    });
    expect(frames).toMatchObject({ closed: 1, tokens: [] });
    expect(windows).toHaveLength(0);
    expect(mocks.cancel).not.toHaveBeenCalled();
  });
});

test("a page that expected a window goes on in Nango's frame when the server leads there", async () => {
  const windows = openedWindows();
  const { flow, frames, emit, onConnected } = setUp({ start: async () => session });
  flow.start(direct, "everyone");
  await settle();
  expect(windows[0]?.closed).toBe(true);
  expect(frames.tokens).toEqual(["token"]);
  expect(flow.getState()).toMatchObject({ phase: "waiting", frame: true, trouble: null });
  emit({ type: "connect", payload: { connectionId: "n1", providerConfigKey: "github" } } as Parameters<typeof emit>[0]);
  await settle();
  expect(onConnected).toHaveBeenCalledExactlyOnceWith(direct, connection);
});
