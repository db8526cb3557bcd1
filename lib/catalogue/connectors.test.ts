import { describe, expect, it } from "vitest";
import { connectorCards } from "./connectors";
import { manifests } from "./manifests";
import { searchConnectors } from "./search";

const cards = connectorCards();
const found = (query: string) => searchConnectors(cards, query).map((card) => card.slug);

describe("the catalogue's cards", () => {
  it("show the 99 listed connectors in alphabetical order", () => {
    expect(cards).toHaveLength(99);
    const names = cards.map((card) => card.name);
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, "en", { sensitivity: "base" })));
  });

  it("say what kind of sign-in each needs", () => {
    const kinds = Object.fromEntries(cards.map((card) => [card.slug, card.authKind]));
    expect(kinds).toMatchObject({
      github: "oauth",
      trello: "oauth",
      openai: "api_key",
      twilio: "basic",
      tableau: "two_step",
      databricks: "client_credentials",
      "amazon-s3": "aws",
      when2meet: "none",
    });
  });

  it("carry no more than a page can afford", () => {
    // All 99 travel in one page of at most 15 KB gzip; scopes, actions and requests stay on the server.
    expect(JSON.stringify(cards).length).toBeLessThan(45_000);
  });

  it("name When2Meet as the one that nobody can connect", () => {
    const unavailable = cards.filter((card) => card.status === "unavailable");
    expect(unavailable.map((card) => card.slug)).toEqual(["when2meet"]);
    expect(manifests.get("when2meet")?.unavailable_reason).toBeTruthy();
  });

  it("are found by exact name first, each of them", () => {
    for (const card of cards) expect(searchConnectors(cards, card.name)[0]).toBe(card);
  });

  it.each([
    ["gihub", "github"],
    ["git hub", "github"],
    ["hubspt", "hubspot"],
    ["sales force", "salesforce"],
    ["gcal", "google-calendar"],
    ["twitter", "twitter"],
    ["send sms", "twilio"],
    ["send invoices", "stripe"],
    ["ai", "anthropic"],
    ["send email", "gmail"],
    ["claude", "anthropic"],
    ["calender", "google-calendar"],
    ["dynamics", "dynamics-365"],
  ])('"%s" brings %s among the first five', (query, slug) => {
    expect(found(query).slice(0, 5)).toContain(slug);
  });
});
