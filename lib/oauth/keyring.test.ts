import { randomBytes } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { resetEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { activeKeyId, hasKeys, type Sealed, seal, unseal } from "@/lib/oauth/keyring";
import { settings } from "@/tests/support/settings";

const before = { ...process.env };
const key = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const [one, two] = [key("k1"), key("k2")];
const use = (keys: string | undefined) => {
  Object.assign(process.env, settings());
  if (keys === undefined) delete process.env.OAUTH_ENCRYPTION_KEYS;
  else process.env.OAUTH_ENCRYPTION_KEYS = keys;
  resetEnv();
};
beforeEach(() => use(one));
afterAll(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  resetEnv();
});

const about = { id: "8f14e45f-ceea-4d7a-9f3b-1d2a3b4c5d6e", field: "access_token" } as const;
/** What goes wrong, in words for the operator. */
const problem = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError && error.code === "misconfigured" && error.cause instanceof Error)
      return error.cause.message;
    throw error;
  }
  return "none";
};

describe("an encrypted text", () => {
  it("is read again by the same key, whatever it holds", () => {
    for (const text of ["", "gho_token", "ä€😀\u0000", "x".repeat(60_000)])
      expect(unseal(seal(text, about), about)).toBe(text);
  });

  it("is another each time, and shows nothing of the text", () => {
    const sealed = Array.from({ length: 200 }, () => seal("canary-token", about).bytes.toString("hex"));
    expect(new Set(sealed).size).toBe(200);
    expect(new Set(sealed.map((each) => each.slice(2, 26))).size, "a fresh IV of 96 bits").toBe(200);
    for (const each of sealed) expect(Buffer.from(each, "hex").toString("latin1")).not.toContain("canary");
  });

  it("opens in no other row and no other field", () => {
    const sealed = seal("token", about);
    expect(problem(() => unseal(sealed, { ...about, id: "another" }))).toContain("cannot be decrypted");
    expect(problem(() => unseal(sealed, { ...about, field: "refresh_token" }))).toContain("cannot be decrypted");
    // Nor under another key's name, even where the key is the same.
    use(`k1:${one.slice(3)},k9:${one.slice(3)}`);
    expect(problem(() => unseal({ ...sealed, keyId: "k9" }, about))).toContain("cannot be decrypted");
    expect(unseal(sealed, about)).toBe("token");
  });

  it("does not open when any bit of it was changed, or when it is cut", () => {
    const { keyId, bytes } = seal("a token of some length", about);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(
        problem(() => unseal({ keyId, bytes: changed }, about)),
        `byte ${at}`,
      ).toContain("cannot be decrypted");
      expect(problem(() => unseal({ keyId, bytes: bytes.subarray(0, at) }, about))).toContain("cannot be decrypted");
    }
  });
});

describe("the key ring", () => {
  it("encrypts with the first key and still reads what the others encrypted", () => {
    const old = seal("token", about);
    use(`${two},${one}`);
    expect(activeKeyId()).toBe("k2");
    expect(seal("token", about).keyId).toBe("k2");
    expect(unseal(old, about)).toBe("token");
  });

  it("says which key is missing, and none of any key", () => {
    const old = seal("token", about);
    use(two);
    const said = problem(() => unseal(old, about));
    expect(said).toBe('OAUTH_ENCRYPTION_KEYS has no key "k1", with which stored tokens are encrypted');
    expect(said).not.toContain(two.slice(3));
  });

  it("does not take another key of the same name for it", () => {
    const old: Sealed = seal("token", about);
    use(key("k1"));
    expect(problem(() => unseal(old, about))).toContain("the key is another");
  });

  it("without a key encrypts nothing", () => {
    use(undefined);
    expect(hasKeys()).toBe(false);
    expect(problem(() => seal("token", about))).toBe("OAUTH_ENCRYPTION_KEYS is missing");
  });
});
