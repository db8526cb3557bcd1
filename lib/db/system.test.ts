import { describe, expect, it } from "vitest";
import { AppError } from "@/lib/errors";
import { asAppError, toIso } from "./system";
import { tlsFor } from "./tls";

describe("times", () => {
  it("come out the same from the database's text and PostgREST's, with all digits", () => {
    expect(toIso("2026-11-21 08:00:00.123456+00")).toBe("2026-11-21T08:00:00.123456Z");
    expect(toIso("2026-11-21T08:00:00.123456+00:00")).toBe("2026-11-21T08:00:00.123456Z");
    expect(toIso("2026-11-21 08:00:00Z")).toBe("2026-11-21T08:00:00Z");
    expect(toIso("2026-11-21 10:00:00+02")).toBe("2026-11-21T08:00:00.000Z");
    expect(toIso("infinity")).toBe("infinity");
  });
});

describe("errors", () => {
  it("raised by our functions become their code, and no text of theirs does", () => {
    expect(asAppError({ code: "PB400", message: "connector_blocked" })).toMatchObject({ code: "connector_blocked" });
    const unknown = { code: "PB400", message: "something else" };
    expect(asAppError(unknown)).toBe(unknown);
  });

  it("of a database that is away, starting, stopping, full or waiting are database_unavailable", () => {
    for (const code of [
      "ECONNREFUSED",
      "CONNECT_TIMEOUT",
      "CONNECTION_CLOSED",
      "57P03",
      "57P01",
      "53300",
      "08006",
      "55P03",
    ]) {
      expect([code, (asAppError({ code }) as AppError).code]).toEqual([code, "database_unavailable"]);
    }
  });

  it("of our own making stay faults", () => {
    for (const code of ["42703", "23505", "22P02", undefined]) {
      const error = { code, message: "x" };
      expect(asAppError(error)).toBe(error);
    }
    const known = new AppError("not_found");
    expect(asAppError(known)).toBe(known);
  });
});

describe("encryption", () => {
  it("is left out on loopback only, or where the URL decides", () => {
    expect(tlsFor("postgres://u:p@127.0.0.1:5432/d")).toEqual({});
    expect(tlsFor("postgres://u:p@[::1]:5432/d")).toEqual({});
    expect(tlsFor("postgres://u:p@db.example.supabase.co:5432/postgres")).toEqual({ ssl: "require" });
    expect(tlsFor("postgres://u:p@db.example.supabase.co/postgres?sslmode=verify-full")).toEqual({});
  });
});
