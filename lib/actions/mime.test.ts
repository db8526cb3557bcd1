import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Email, mimeMessage } from "@/lib/actions/mime";
import { manifests } from "@/lib/catalogue/manifests";
import { AppError } from "@/lib/errors";

/** Reads a message as a mail program does. */
function read(message: string) {
  const end = message.indexOf("\r\n\r\n");
  const lines = message
    .slice(0, end)
    .replace(/\r\n[ \t]/g, " ")
    .split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const decode = (text: string) =>
    text
      // Space between two encoded words is not part of the text.
      .replace(/\?=\s+=\?/g, "?==?")
      .replace(/(?:=\?UTF-8\?B\?[A-Za-z0-9+/=]*\?=)+/g, (words) =>
        [...words.matchAll(/\?B\?([^?]*)\?=/g)]
          .map(([, word]) => Buffer.from(word as string, "base64").toString())
          .join(""),
      );
  return {
    raw: Object.fromEntries(headers),
    names: headers.map(([name]) => name),
    subject: decode(Object.fromEntries(headers).subject ?? ""),
    to: decode(Object.fromEntries(headers).to ?? ""),
    body: Buffer.from(message.slice(end + 4), "base64").toString(),
  };
}
const email = (more: Partial<Email> = {}): Email => ({ to: "ada@acme.test", subject: "Hello", body: "Text", ...more });
const refused = (more: Partial<Email>) => {
  try {
    mimeMessage(email(more));
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return ((error.details?.issues ?? []) as { path: string }[]).map(({ path }) => path);
  }
};

describe("an e-mail", () => {
  it("is written as RFC 5322 has it", () => {
    expect(mimeMessage(email({ cc: "grace@acme.test", bcc: "support@acme.test" }))).toBe(
      [
        "To: ada@acme.test",
        "Cc: grace@acme.test",
        "Bcc: support@acme.test",
        "Subject: Hello",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: base64",
        "",
        "VGV4dA==",
        "",
      ].join("\r\n"),
    );
  });

  it("keeps every subject and text, in lines of at most 76 characters of ASCII", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.string({ unit: "grapheme" }), (subject, body) => {
        fc.pre(!/\p{Cc}|\u2028|\u2029/u.test(subject));
        const message = mimeMessage(email({ subject, body }));
        const said = read(message);
        // White space around a header's value is not kept by any mail program.
        expect(said.subject.trim()).toBe(subject.toWellFormed().trim());
        expect(said.body).toBe(body.toWellFormed().replace(/\r\n|\r|\n/g, "\r\n"));
        expect(message).toMatch(/^[\x20-\x7e\r\n]*$/);
        expect(Math.max(...message.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(76);
      }),
      { numRuns: 300 },
    );
  });

  it("encodes each word by whole characters", () => {
    const { raw } = read(
      mimeMessage(
        email({ subject: "Grüße aus Köln: 日本語のとても長い件名です、改行されるべきです 🎉🎉🎉🎉🎉🎉🎉🎉" }),
      ),
    );
    for (const [, word] of (raw.subject ?? "").matchAll(/\?B\?([^?]*)\?=/g))
      expect(Buffer.from(word as string, "base64").toString()).not.toContain("\ufffd");
    // What looks like an encoded word is one to a mail program, so it is encoded itself.
    expect(read(mimeMessage(email({ subject: "=?UTF-8?B?SGVsbG8=?=" }))).subject).toBe("=?UTF-8?B?SGVsbG8=?=");
  });

  it("takes several addresses, with names of any letters", () => {
    const { to, raw } = read(
      mimeMessage(
        email({ to: 'Ada Lovelace <ada@acme.test>, "Hopper, Grace" <grace@acme.test>, Jürgen <j@müller.test>' }),
      ),
    );
    expect(to).toBe('"Ada Lovelace" <ada@acme.test>, "Hopper, Grace" <grace@acme.test>, Jürgen <j@xn--mller-kva.test>');
    expect(raw.to).toMatch(/^[\x20-\x7e]*$/);
  });

  it("takes no line break or control character into a header, whatever the line break is", () => {
    for (const breaker of ["\r\n", "\n", "\r", "\u0000", "\u000b", "\u0085", "\u2028", "\u2029"]) {
      const injected = `x${breaker}Bcc: evil@evil.test`;
      expect(refused({ subject: injected }), JSON.stringify(breaker)).toEqual(["subject"]);
      for (const field of ["to", "cc", "bcc"] as const) {
        expect(refused({ [field]: `ada@acme.test${breaker}Bcc: evil@evil.test` })).toEqual([field]);
        expect(refused({ [field]: `A${breaker}B <ada@acme.test>` })).toEqual([field]);
      }
    }
    const { names } = read(mimeMessage(email({ body: "x\r\n\r\nBcc: evil@evil.test\r\n--boundary--" })));
    expect(names).toEqual(["to", "subject", "mime-version", "content-type", "content-transfer-encoding"]);
  });

  it("takes lists of a bounded length and number", () => {
    const said = (more: Partial<Email>) => {
      try {
        return mimeMessage(email(more)).split("\r\n").length;
      } catch (error) {
        return (error as AppError).details?.issues;
      }
    };
    const tooLong = (path: string) => [{ path, message: "At most 10000 characters." }];
    for (const field of ["to", "cc", "bcc"] as const) {
      expect(said({ [field]: `"${'\\"'.repeat(40_000)}` })).toEqual(tooLong(field));
      expect(said({ [field]: `a@b.test,${" ".repeat(9_992)}` })).toEqual(tooLong(field));
      expect(said({ [field]: `a@b.test,${" ".repeat(9_991)}` })).toEqual(expect.any(Number));
    }
    const many = (count: number) => Array.from({ length: count }, (_, n) => `a${n}@b.test`).join();
    expect(said({ to: many(500) })).toEqual(expect.any(Number));
    expect(said({ to: many(501) })).toEqual([{ path: "to", message: "At most 500 recipients." }]);
    expect(said({ to: many(250), bcc: many(251) })).toEqual([{ path: "bcc", message: "At most 500 recipients." }]);
  });

  it("is refused where a quotation mark or bracket has no other half", () => {
    for (const broken of [
      '"',
      '\\"',
      `"${'\\"'.repeat(4_000)}`,
      "<",
      ">",
      "<<",
      "a@b.test, <",
      '"a\\',
      "<a@b.test",
      'a"b@c.test',
    ])
      expect(refused({ cc: broken }), broken.slice(0, 20)).toEqual(["cc"]);
    expect(read(mimeMessage(email({ to: '"a, \\"b\\" <c>" <a@b.test>,, c@d.test,' }))).to).toBe(
      '"a, \\"b\\" <c>" <a@b.test>, c@d.test',
    );
  });

  it("has the same limits in what manifests publish", () => {
    const mails = [...manifests.values()].flatMap(({ actions }) =>
      Object.values(actions).filter(({ request }) => request.encode === "mime"),
    );
    expect(mails.length).toBeGreaterThan(0);
    for (const { input_schema } of mails)
      for (const field of ["to", "cc", "bcc"]) expect(input_schema.properties[field]?.maxLength).toBe(10_000);
  });

  it("refuses what is no address", () => {
    for (const to of [
      ...[
        "",
        " ",
        ",",
        "ada",
        "@acme.test",
        "ada@",
        "a b@acme.test",
        "<ada@acme.test",
        "ada@acme.test>",
        "ada@acme..test",
      ],
      ...["ada@acme.test <grace@acme.test> x", "ada@@acme.test", "ädä@acme.test", "ada@-acme.test", 'x" <y@acme.test>'],
      ...[`a${" ".repeat(500_000)}b`, `"${"\\".repeat(500_000)}`],
      ...["ada@acme.test grace@acme.test", "a@[127.0.0.1]", "ada@acme.test;grace@acme.test", "a,@b"],
    ])
      expect(refused({ to }), JSON.stringify(to.slice(0, 80))).toEqual(["to"]);
  });
});
