import { type NextFetchEvent, NextRequest } from "next/server";
import { expect, it, vi } from "vitest";
import middleware from "@/middleware";

// Clerk's needs React as browsers have it, and is not asked about such an address.
vi.mock("@clerk/nextjs/server", () => ({ clerkMiddleware: () => () => expect.fail("Clerk was asked") }));

it("answers an address of the API that is no text as one that does not exist, and names the request", async () => {
  const request = new NextRequest("http://localhost:3999/api/v1/connectors/%ff");
  const answer = await middleware(request, {} as NextFetchEvent);
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([404, "no-store"]);
  const { error } = await answer.json();
  expect(error).toEqual({ code: "not_found", message: expect.any(String), request_id: expect.any(String) });
  expect(answer.headers.get("x-request-id")).toBe(error.request_id);
});
