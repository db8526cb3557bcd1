import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectorCard } from "./card";
import { boundedDistance } from "./edit-distance";
import { searchConnectors } from "./search";
import { compact } from "./words";

const card = (
  name: string,
  description = "",
  keywords: string[] = [],
  category: ConnectorCard["category"] = "crm",
) => ({
  name,
  description,
  keywords,
  category,
});

const few = [
  card("Gmail", "Send, search and read email.", ["google mail", "Send an email"], "communication"),
  card("Google Drive", "Files and folders that your team shares.", ["gdrive"], "files"),
  card("Google Calendar", "Events, free time and invitations.", ["gcal"], "calendar"),
  card("Slack", "Post messages and read channels.", ["Post a message"], "communication"),
  card("Stripe", "Payments, customers and invoices.", ["Send an invoice", "billing"], "payments"),
  card("GitHub", "Issues, pull requests and repositories.", ["gh", "Create an issue"], "development"),
  card("HubSpot", "Contacts, companies and deals.", ["Create a contact"], "crm"),
  card("SendGrid", "Transactional email that arrives.", [], "communication"),
  card("X (Twitter)", "Posts and mentions.", ["tweet"], "social"),
  card("Cal.com", "Bookings.", [], "calendar"),
];
const names = (query: string) => searchConnectors(few, query).map((found) => found.name);

describe("searchConnectors", () => {
  it("finds a connector by its name, however it is written", () => {
    for (const query of ["github", "GitHub", "git hub", "  GITHUB "]) expect(names(query)[0]).toBe("GitHub");
    expect(names("cal.com")[0]).toBe("Cal.com");
    expect(names("x twitter")[0]).toBe("X (Twitter)");
  });

  it("finds a connector by the beginning of a word", () => {
    expect(names("hub")).toContain("HubSpot");
    expect(names("dri")).toEqual(["Google Drive"]);
  });

  it.each([
    ["slakc", "Slack"],
    ["githbu", "GitHub"],
    ["gogle drive", "Google Drive"],
    ["hubsptot", "HubSpot"],
    ["calender", "Google Calendar"],
    ["stirpe", "Stripe"],
  ])("forgives the typo %s", (query, name) => {
    expect(names(query)[0]).toBe(name);
  });

  it("finds a connector by an alias", () => {
    expect(names("gcal")).toEqual(["Google Calendar"]);
    expect(names("tweets")[0]).toBe("X (Twitter)");
  });

  it("finds a connector by what it can do", () => {
    expect(names("send invoices")[0]).toBe("Stripe");
    expect(names("create a ticket")[0]).toBe("GitHub");
    expect(names("read mail")[0]).toBe("Gmail");
  });

  it("finds the connectors of a category", () => {
    expect(names("communication")).toEqual(expect.arrayContaining(["Gmail", "Slack", "SendGrid"]));
  });

  it("wants all words, and takes the best it has where none has them all", () => {
    expect(names("google calendar")).toEqual(["Google Calendar"]);
    expect(names("stripe quuxly")[0]).toBe("Stripe");
  });

  it("answers an empty query with everything and nonsense with nothing", () => {
    expect(searchConnectors(few, "  ")).toEqual(few);
    expect(names("qqqqqqzzz")).toEqual([]);
    expect(names("!?")).toEqual([]);
  });

  it("puts an exact name first, whatever else there is", () => {
    const name = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => compact(text) !== "");
    const one = fc.record({
      name,
      description: fc.string({ maxLength: 60 }),
      keywords: fc.array(name, { maxLength: 4 }),
    });
    const cards = fc.uniqueArray(one, { minLength: 1, maxLength: 30, selector: (entry) => compact(entry.name) });
    fc.assert(
      fc.property(cards, fc.nat(), (entries, pick) => {
        const all = entries.map((entry) => card(entry.name, entry.description, entry.keywords));
        const wanted = all[pick % all.length];
        expect(searchConnectors(all, wanted?.name ?? "")[0]).toBe(wanted);
      }),
      { numRuns: 300 },
    );
  });

  it("never invents, repeats or changes a card, whatever is asked", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (query) => {
        const found = searchConnectors(few, query);
        expect(new Set(found).size).toBe(found.length);
        expect(found.every((entry) => few.includes(entry))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("searches 1,000 connectors in a small part of a frame", () => {
    const many = Array.from({ length: 1_000 }, (_, at) => {
      const seed = few[at % few.length];
      return card(`${seed?.name} ${at.toString(36)}tor`, `${seed?.description} number ${at}`, [
        `alias${at}`,
        "Send a thing",
      ]);
    });
    searchConnectors(many, "warm");
    const times = ["gogle drvie", "send invoices", "slack 5tor", "alais77", "calendar events", "s", "x"].flatMap(
      (query) =>
        Array.from({ length: 20 }, () => {
          const from = performance.now();
          searchConnectors(many, query);
          return performance.now() - from;
        }),
    );
    // The median is about a tenth of this on an idle machine; the bound only catches a search that became quadratic.
    expect(times.sort((a, b) => a - b)[times.length >> 1]).toBeLessThan(5);
  });
});

describe("boundedDistance", () => {
  it("counts edits and swaps of neighbours, and stops at the limit", () => {
    expect(boundedDistance("slack", "slack", 2)).toBe(0);
    expect(boundedDistance("slack", "slakc", 2)).toBe(1);
    expect(boundedDistance("slack", "sack", 2)).toBe(1);
    expect(boundedDistance("slack", "stripe", 2)).toBe(3);
  });

  it("is the same both ways round", () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom("a", "b", "c") });
    fc.assert(fc.property(word, word, (a, b) => boundedDistance(a, b, 2) === boundedDistance(b, a, 2)));
  });
});
