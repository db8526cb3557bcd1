import { describe, expect, it } from "vitest";
import { queueUrl, tlsFor } from "./tls";

const hosted = "postgres://postgres:pw@db.example.supabase.co:5432/postgres";
const local = "postgres://postgres:pw@127.0.0.1:5432/postgres";

describe("the way to the database", () => {
  it("is encrypted to any other machine", () => {
    expect(tlsFor(hosted)).toEqual({ ssl: "require" });
    expect(queueUrl(hosted, "a")).toBe(`${hosted}?application_name=a&sslmode=no-verify`);
  });

  it("is in clear on this machine", () => {
    expect(tlsFor(local)).toEqual({});
    expect(queueUrl(local, "a")).toBe(`${local}?application_name=a`);
  });

  it("is as the URL says where it says it", () => {
    expect(tlsFor(`${hosted}?sslmode=verify-full`)).toEqual({});
    expect(queueUrl(`${hosted}?sslmode=verify-full`, "a")).toBe(`${hosted}?sslmode=verify-full&application_name=a`);
  });
});
