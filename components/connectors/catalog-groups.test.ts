import { describe, expect, test } from "vitest";
import type { ConnectionView } from "@/lib/api/views";
import type { ConnectorCard } from "@/lib/catalogue/card";
import { firstCards, groupCards, matchingCards, summarise } from "./catalog-groups";
import { readFilters } from "./filter-values";

const card = (slug: string, category: ConnectorCard["category"]): ConnectorCard => ({
  slug,
  name: slug,
  description: `About ${slug}.`,
  category,
  authKind: slug === "openai" ? "api_key" : "oauth",
  status: "stable",
  logo: { src: null, letter: "X" },
  keywords: [],
});
const cards = [
  card("gmail", "communication"),
  card("slack", "communication"),
  card("hubspot", "crm"),
  card("openai", "ai"),
];
const connection = (connector: string, status: ConnectionView["status"], more: object = {}) =>
  ({ connector, status, condition: { code: "healthy", next_step: "none" }, ...more }) as ConnectionView;
const filters = (search: string) => readFilters(new URLSearchParams(search));

describe("the catalogue's groups", () => {
  test("what is connected comes first, and what needs a person at its head", () => {
    const summaries = summarise([connection("gmail", "connected"), connection("hubspot", "needs_attention")]);
    const groups = groupCards(cards, filters(""), summaries);
    expect(groups.map((group) => [group.key, group.cards.map((each) => each.slug)])).toEqual([
      ["connected", ["hubspot", "gmail"]],
      ["communication", ["slack"]],
      ["ai", ["openai"]],
    ]);
  });

  test("disconnected accounts count for nothing", () => {
    expect(summarise([connection("gmail", "disconnected")]).size).toBe(0);
  });

  test("the card mends the first broken account that the reader may see to", () => {
    const broken = (id: string, next_step: string) =>
      connection("hubspot", "needs_attention", { id, condition: { code: "auth_failed", next_step } });
    const summary = (...all: ConnectionView[]) => summarise(all).get("hubspot");
    expect(summary(broken("a", "ask_manager"), broken("b", "reconnect"))).toMatchObject({
      accounts: 2,
      attention: 2,
      mend: { id: "b" },
    });
    expect(summary(broken("a", "ask_manager"))?.mend).toBeNull();
  });

  test("the card says the end of the sign-in that ends first", () => {
    const ending = (expires_at: string) =>
      connection("gmail", "connected", { expires_at, condition: { code: "expires_soon", next_step: "reconnect" } });
    const summaries = summarise([ending("2026-02-09T00:00:00Z"), ending("2026-02-03T00:00:00Z")]);
    expect(summaries.get("gmail")?.endsAt).toBe("2026-02-03T00:00:00Z");
  });

  test("filters by status and sign-in narrow what the categories count", () => {
    const summaries = summarise([connection("gmail", "connected"), connection("openai", "connected")]);
    expect(matchingCards(cards, filters("status=connected&auth=api_key"), summaries).map((each) => each.slug)).toEqual([
      "openai",
    ]);
  });

  test("a search is one group in the order of its ranking", () => {
    const found = matchingCards(cards, filters("q=hubspt"), new Map());
    expect(groupCards(found, filters("q=hubspt"), new Map())).toMatchObject([
      { key: "results", cards: [{ slug: "hubspot" }] },
    ]);
  });

  test("at most the asked-for number of cards is drawn", () => {
    const groups = groupCards(cards, filters(""), new Map());
    expect(firstCards(groups, 3).flatMap((group) => group.cards)).toHaveLength(3);
  });

  test("a filter that does not exist is ignored", () => {
    expect(filters("category=nonsense&status=x&auth=y")).toEqual({
      query: "",
      category: null,
      status: null,
      auth: null,
    });
  });
});
