/** Watches what browsers complain about: a test fails on everything that it did not announce. */
import { type BrowserContext, expect } from "@playwright/test";

export type Complaints = {
  /** Names a complaint that a test causes on purpose. */
  expectConsole(pattern: RegExp): void;
  watch(context: BrowserContext): void;
  /** @throws when something was said that nobody expected */
  check(): void;
};

/** True for addresses that stay on this machine, which is all that the product may ask for. */
const isLocal = (url: string) => {
  const { protocol, hostname } = new URL(url);
  return !protocol.startsWith("http") || hostname === "localhost" || hostname === "127.0.0.1";
};

/** What a browser says when a logo that it fetched ahead is painted seconds later: how busy the machine is. */
const isSlowness = (text: string) => /\.svg was preloaded using link preload but not used within/.test(text);

export function collectComplaints(): Complaints {
  const seen: string[] = [];
  const expected: RegExp[] = [];
  return {
    expectConsole: (pattern) => void expected.push(pattern),
    watch(context) {
      // Popups and Nango's frame included. Violations of a content security policy arrive here as errors.
      context.on("console", (message) => {
        if (message.type() !== "error" && message.type() !== "warning") return;
        if (isSlowness(message.text())) return;
        seen.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      });
      context.on("weberror", (error) => seen.push(`uncaught: ${error.error().message}`));
      context.on("request", (request) => {
        if (!isLocal(request.url())) seen.push(`request to another machine: ${request.url()}`);
      });
    },
    check() {
      const unexpected = seen.filter((line) => !expected.some((pattern) => pattern.test(line)));
      expect(unexpected, "what the browser complained about").toEqual([]);
    },
  };
}
