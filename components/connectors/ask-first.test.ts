import { describe, expect, test, vi } from "vitest";
import { ApiFailure } from "@/components/api-client";
import type { Question } from "@/lib/catalogue/connection-config";
import type { Asked } from "./ask-first";
import { again, attempt, directSession, inABrowser, openedWindows, session, settle, setUp } from "./connect-flow.setup";
import type { ConnectCalls } from "./connect-state";

inABrowser();

const shopify = { slug: "shopify", name: "Shopify", method: "direct" as const };
const shop: Question = {
  name: "subdomain",
  title: "Shop",
  description: "The part before .myshopify.com.",
  example: "acme",
  prefix: null,
  suffix: ".myshopify.com",
  pattern: "^[a-z0-9-]+$",
  options: null,
  optional: false,
};
const acme = { subdomain: "acme" };

/** A page that knows what Shopify asks. @param first false: it goes through Nango as long as that answers */
function asking(calls: Partial<ConnectCalls> = {}, { first = true } = {}) {
  const known: Record<string, Asked> = { shopify: { questions: [shop], first } };
  const page = setUp({ start: vi.fn(async () => directSession), ...calls }, { asked: (slug) => known[slug] });
  return { ...page, shown: () => page.flow.questions.shown.get() };
}

const required = (fault: "missing" | "malformed") =>
  new ApiFailure("connection_config_required", "r1", null, { subdomain: fault });

describe("a connector that asks first", () => {
  test("asks before anything begins: no window, no request, nothing to leave behind", async () => {
    const windows = openedWindows();
    const { flow, mocks, shown } = asking();
    flow.start(shopify, "only_me");
    await settle();
    expect(shown()).toMatchObject({ questions: [shop], answers: {}, wrong: {}, away: false });
    expect(flow.getState()).toEqual({ phase: "idle" });

    flow.leaveQuestions();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(shown()).toBeNull();
    expect(windows).toHaveLength(0);
    expect(mocks.start).not.toHaveBeenCalled();
    expect(mocks.cancel).not.toHaveBeenCalled();
  });

  test("opens the window in the click that answers, and sends the answers along", async () => {
    const windows = openedWindows();
    const { flow, mocks, shown } = asking();
    flow.start(shopify, "only_me");
    flow.answer(acme);
    expect(windows).toHaveLength(1);
    expect(shown()).toMatchObject({ pending: true });
    await settle();
    expect(shown()).toBeNull();
    expect(mocks.start).toHaveBeenCalledExactlyOnceWith({
      connector: "shopify",
      visibility: "only_me",
      connectionConfig: acme,
    });
    expect(windows[0]?.address).toBe(directSession.authorizationUrl);
  });

  test("answered by a double click is one attempt and one window", async () => {
    const windows = openedWindows();
    const { flow, mocks } = asking();
    flow.start(shopify, "everyone");
    flow.answer(acme);
    flow.answer(acme);
    flow.start(shopify, "everyone");
    await settle();
    expect(mocks.start).toHaveBeenCalledTimes(1);
    expect(windows).toHaveLength(1);
  });

  test("left while the server has not answered, is left for good: the window goes, and what was recorded is ended", async () => {
    const windows = openedWindows();
    let answer: (value: typeof directSession) => void = () => {};
    const { flow, mocks, shown } = asking({ start: () => new Promise((resolve) => (answer = resolve)) });
    flow.start(shopify, "everyone");
    flow.answer(acme);
    flow.leaveQuestions();
    expect(shown()).toBeNull();
    expect(windows[0]?.closed).toBe(true);
    answer(directSession);
    await settle();
    expect(mocks.cancel).toHaveBeenCalledExactlyOnceWith("a1", "closed");
    expect(flow.getState()).toEqual({ phase: "idle" });
  });

  test("is not asked about when an account is signed in again", async () => {
    openedWindows();
    const { flow, mocks, shown } = asking({ reconnect: vi.fn(async () => directSession) });
    flow.reconnect({ ...shopify, again });
    await settle();
    expect(shown()).toBeNull();
    expect(mocks.reconnect).toHaveBeenCalledTimes(1);
  });

  test("keeps what was answered while the try fails, and forgets it when it was left or has brought an account", async () => {
    openedWindows();
    const start = vi
      .fn<ConnectCalls["start"]>()
      .mockRejectedValueOnce(new ApiFailure("offline"))
      .mockResolvedValue(directSession);
    const { flow, shown } = asking({ start, attempt: async () => attempt("confirmed", "connected") });
    flow.start(shopify, "everyone");
    flow.answer(acme);
    await settle();
    expect(flow.getState()).toMatchObject({ phase: "failed", reason: "offline" });
    flow.start(shopify, "everyone");
    expect(shown()).toMatchObject({ answers: acme, wrong: {} });

    flow.leaveQuestions();
    flow.start(shopify, "everyone");
    expect(shown()).toMatchObject({ answers: {} });

    flow.answer(acme);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(flow.getState().phase).toBe("connected");
    flow.start(shopify, "everyone");
    expect(shown()).toMatchObject({ answers: {} });
  });

  test("shows beside the field what the server found wrong, and the window is gone", async () => {
    const windows = openedWindows();
    const { flow, shown } = asking({ start: vi.fn(() => Promise.reject(required("malformed"))) });
    flow.start(shopify, "everyone");
    flow.answer(acme);
    await settle();
    expect(shown()).toMatchObject({ answers: acme, wrong: { subdomain: "malformed" }, pending: false });
    expect(windows[0]?.closed).toBe(true);
    expect(flow.getState()).toEqual({ phase: "idle" });
  });
});

describe("a connector that goes through Nango", () => {
  test("asks nothing while Nango answers", async () => {
    openedWindows();
    const { flow, frames, shown } = asking({ start: vi.fn(async () => session) }, { first: false });
    await flow.preload();
    flow.start({ slug: "shopify", name: "Shopify" }, "everyone");
    await settle();
    expect(shown()).toBeNull();
    expect(frames.tokens).toEqual(["token"]);
  });

  test("asks when the offered way around it is taken, and leaves the offer where it is until then", async () => {
    const windows = openedWindows();
    const start = vi
      .fn<ConnectCalls["start"]>()
      .mockRejectedValueOnce(new ApiFailure("nango_unreachable", "r1", "direct"))
      .mockResolvedValueOnce(directSession);
    const { flow, shown } = asking({ start }, { first: false });
    await flow.preload();
    flow.start({ slug: "shopify", name: "Shopify" }, "only_me");
    await settle();
    const offered = flow.getState();
    expect(offered).toMatchObject({ phase: "failed", fallback: true });

    flow.startDirectly();
    expect(shown()).toMatchObject({ away: true, wrong: {} });
    flow.leaveQuestions();
    expect(flow.getState()).toBe(offered);

    flow.startDirectly();
    flow.answer(acme);
    expect(windows).toHaveLength(1);
    await settle();
    expect(start).toHaveBeenLastCalledWith({
      connector: "shopify",
      visibility: "only_me",
      oauthMethod: "direct",
      connectionConfig: acme,
    });
  });

  test("asks when the server goes around Nango by itself, without calling anything wrong yet", async () => {
    const windows = openedWindows();
    const start = vi
      .fn<ConnectCalls["start"]>()
      .mockRejectedValueOnce(required("missing"))
      .mockResolvedValueOnce({ ...directSession, fallback: true });
    const { flow, frames, shown } = asking({ start }, { first: false });
    await flow.preload();
    flow.start({ slug: "shopify", name: "Shopify" }, "everyone");
    await settle();
    expect(frames.closed).toBe(1);
    expect(flow.getState()).toEqual({ phase: "idle" });
    expect(shown()).toMatchObject({ away: true, answers: {}, wrong: {} });

    flow.answer(acme);
    expect(windows).toHaveLength(1);
    await settle();
    expect(windows[0]?.address).toBe(directSession.authorizationUrl);
    expect(flow.getState()).toMatchObject({ phase: "waiting", trouble: null });
  });

  test("says what the server said where the page does not know the question", async () => {
    openedWindows();
    const unknown = new ApiFailure("connection_config_required", "r1", null, { region: "missing" });
    const old = setUp({ start: vi.fn(() => Promise.reject(required("missing"))) });
    const older = asking({ start: vi.fn(() => Promise.reject(unknown)) });
    old.flow.start(shopify, "everyone");
    older.flow.start(shopify, "everyone");
    older.flow.answer(acme);
    await settle();
    for (const { flow } of [old, older]) {
      expect(flow.getState()).toMatchObject({ phase: "failed", reason: "connection_config_required" });
      expect(flow.questions.shown.get()).toBeNull();
    }
  });

  test("does not ask when the person has given up before the server wanted to know", async () => {
    openedWindows();
    let refuse: (error: unknown) => void = () => {};
    const start = () => new Promise<never>((_, reject) => (refuse = reject));
    const { flow, shown } = asking({ start }, { first: false });
    await flow.preload();
    flow.start({ slug: "shopify", name: "Shopify" }, "everyone");
    flow.cancel();
    refuse(required("missing"));
    await settle();
    expect(shown()).toBeNull();
    expect(flow.getState()).toEqual({ phase: "idle" });
  });
});
