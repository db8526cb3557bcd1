// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how placeholders look in manifests

import { describe, expect, it } from "vitest";
import { checkConnectionConfig, questionsOf } from "@/lib/catalogue/connection-config";
import { manifests } from "@/lib/catalogue/manifests";
import { isSafeEndpoint } from "@/lib/nango/proxy";
import { fillAddress, fillEndpoint, fillText, isTemplate, namesIn, pickValues } from "./templates";

/** Ways to make an address lead elsewhere, or mean something else to another reader. */
const payloads = [
  ...[
    "evil.com#",
    "evil.com/",
    "evil.com?",
    "evil.com\\",
    "evil.com%23",
    "evil.com%2f",
    "evil.com%00",
    "evil.com:443/",
  ],
  ...["acme.myshopify.com@evil.com", "acme@evil.com", "acme:pw@evil.com", "evil.com#@acme", "https://acme@evil.com"],
  ...["acme/../x", "../x", "..", ".", "acme/..", "acme%2f..%2fx", "acme/./x", "./", "a//b", "acme..evil", "acme."],
  ...["acme.myshopify.com.evil.com", "evil.com/.myshopify.com", "evil.com#.myshopify.com", "evil.com?.myshopify.com"],
  ...[
    "evil。com",
    "acme。myshopify。com",
    "evil．com#",
    "ａｃｍｅ#",
    "evil․com/",
    "acme\u00adx",
    "ac\u200bme",
    "аcme",
    "acme℀",
  ],
  ...[
    "127.0.0.1#",
    "169.254.169.254/",
    "169.254.169.254/latest/meta-data#",
    "[::1]",
    "[::ffff:169.254.169.254]",
    "0x7f.1/",
  ],
  ...[
    "localhost/",
    "localhost:8080",
    "acme:8443",
    "acme:80#",
    ":443",
    "acme :443",
    "//evil.com",
    "\\\\evil.com",
    "/evil.com",
  ],
  ...[
    "acme\r\nHost: evil.com",
    "acme\nx",
    "acme\tx",
    "acme\u0000",
    "acme x",
    "acme\u0085x",
    "acme\u2028x",
    "acme\u007f",
  ],
  ...[
    "javascript:alert(1)",
    "data:,x",
    "http://evil.com",
    "https://evil.com",
    "file:///etc/passwd",
    "https:evil.com",
    "ftp://x",
  ],
  ...[
    "${connectionConfig.subdomain}",
    "${clientSecret}",
    "acme || evil.com",
    "{acme}",
    "acme;evil.com",
    "acme,evil.com",
  ],
  ...["%61cme", "acme%2emyshopify%2ecom", "%2e%2e", "%0d%0aX: y", "acme&client_id=evil", "acme=1", "acme+x", "acme*"],
  ...["-acme", "acme-", "_.", "xn--", "<acme>", '"acme"', "'acme'", "`acme`", "acme|x", "acme^x", "~acme", "$acme"],
];

const connectors = [...manifests.values()].flatMap(({ slug, oauth }) =>
  oauth?.direct ? [{ slug, oauth, direct: oauth.direct }] : [],
);
const addressesOf = ({ oauth, direct }: (typeof connectors)[number]): string[] =>
  [
    direct.authorization_url ?? oauth.authorization_url,
    direct.token_url ?? oauth.token_url,
    direct.api_base_url,
    direct.revocation_endpoint,
  ].filter((address) => address !== null);
const isWithin = (address: string, hosts: string[]): boolean => {
  const url = new URL(address);
  const isHost = hosts.some((host) => url.host === host || url.host.endsWith(`.${host}`));
  return url.protocol === "https:" && url.username === "" && isHost;
};

describe("an address with a value of somebody's choice", () => {
  const hosts = ["myshopify.com"];
  const fill = (subdomain: string) =>
    fillAddress("https://${connectionConfig.subdomain}.myshopify.com/admin", { subdomain }, hosts);

  it("is made of what it may be made of", () => {
    expect(fill("acme")).toBe("https://acme.myshopify.com/admin");
    expect(fill("acme-2")).toBe("https://acme-2.myshopify.com/admin");
    const whole = { url: "https://na1.salesforce.com" };
    expect(fillAddress("${connectionConfig.url}", whole, ["salesforce.com"])).toBe("https://na1.salesforce.com");
    expect(fillAddress("${connectionConfig.url}/api", whole, ["salesforce.com"])).toBe(
      "https://na1.salesforce.com/api",
    );
    expect(fillAddress("https://fixed.test/x", {}, [])).toBe("https://fixed.test/x");
  });

  it(`is none with any of ${payloads.length} others, wherever they stand`, () => {
    const shapes: [string, string[]][] = [
      ["https://${connectionConfig.v}.myshopify.com/admin", ["myshopify.com"]],
      ["https://${connectionConfig.v}/oauth", ["snowflakecomputing.com"]],
      ["https://api.${connectionConfig.v}/2.0", ["smartsheet.com"]],
      ["https://shop-${connectionConfig.v}.amazon.com", ["amazon.com"]],
      ["https://3.basecampapi.com/${connectionConfig.v}", ["3.basecampapi.com"]],
      ["${connectionConfig.v}", ["salesforce.com"]],
      ["${connectionConfig.v}/api", ["pipedrive.com"]],
    ];
    const slipped = shapes.flatMap(([template, hosts]) =>
      payloads.flatMap((v) => {
        const made = fillAddress(template, { v }, hosts);
        // What is left over is a name that is merely odd, on the host that it should be on, as it was typed.
        const odd =
          made !== null && isWithin(made, hosts) && /^[\w.-]+$/.test(v) && made === template.replace(/\$\{.*\}/, v);
        return made === null || odd ? [] : [[template, v, made]];
      }),
    );
    expect(slipped).toEqual([]);
  });

  it.each([
    ["https://api.acme.myshopify.com", "myshopify.com", true],
    ["https://myshopify.com", "myshopify.com", true],
    ["https://evilmyshopify.com", "myshopify.com", false],
    ["https://myshopify.com.evil.com", "myshopify.com", false],
    ["http://acme.myshopify.com", "myshopify.com", false],
    ["https://ACME.myshopify.com", "myshopify.com", false],
    ["https://acme.myshopify.com.", "myshopify.com", false],
    ["https://acme.myshopify.com:443", "myshopify.com", false],
    ["https://acme.myshopify.com/", "myshopify.com", false],
    ["https://acme.myshopify.com/x", "myshopify.com", false],
    ["HTTPS://acme.myshopify.com", "myshopify.com", false],
    ["https://https://acme.myshopify.com", "myshopify.com", false],
    ["https://127.0.0.1", "0.0.1", false],
    ["https://2130706433", "myshopify.com", false],
    ["https://acme.myshopify.com", "", false],
  ])("leads to a host that is named, or below one: %s for %s", (url, host, good) => {
    expect(fillAddress("${connectionConfig.url}", { url }, [host])).toBe(good ? url : null);
  });

  it("takes the first alternative whose values are all there", () => {
    const template = "https://${connectionConfig.a}.x.test || https://${connectionConfig.b}.x.test || https://x.test";
    expect(fillAddress(template, { a: "1a", b: "2b" }, ["x.test"])).toBe("https://1a.x.test");
    expect(fillAddress(template, { a: "", b: "2b" }, ["x.test"])).toBe("https://2b.x.test");
    expect(fillAddress(template, {}, ["x.test"])).toBe("https://x.test");
    expect(fillAddress(template, { a: "evil.com#" }, ["x.test"])).toBeNull();
    expect(fillAddress("https://${connectionConfig.a}.x.test", {}, ["x.test"])).toBeNull();
    expect(fillAddress("https://${constructor}.x.test", {}, ["x.test"])).toBeNull();
  });

  it("fills a parameter or a header with its values, and is none without them", () => {
    expect(fillText("stores/${connectionConfig.hash}", { hash: "abc" })).toBe("stores/abc");
    expect(fillText("stores/${connectionConfig.hash}", {})).toBeNull();
    expect(fillText("${connectionConfig.v} || 2025-05-05", {})).toBe("2025-05-05");
    expect(fillText("${clientId}:${clientSecret}", { clientId: "$&", clientSecret: "$1" })).toBe("$&:$1");
  });
});

describe("an endpoint", () => {
  const values = { cloudId: "acme-1", path: "a/b", dots: "a..b", up: "..", empty: "" };

  it("is filled with what the connection knows", () => {
    expect(fillEndpoint("/ex/${connectionConfig.cloudId}/x", values)).toBe("/ex/acme-1/x");
    expect(fillEndpoint("/plain", values)).toBe("/plain");
  });

  it.each([
    ["a caller's own name", "/x/${cloudId}"],
    ["a name that nobody knows", "/x/${connectionConfig.other}"],
    ["one that all objects know", "/x/${connectionConfig.constructor}"],
    ["a value of several parts", "/x/${connectionConfig.path}"],
    ["a value with two dots", "/x/${connectionConfig.dots}"],
    ["a value that leads up", "/x/${connectionConfig.up}"],
    ["a value that is empty", "/x/${connectionConfig.empty}"],
    ["a half name", "/x/${connectionConfig.cloudId"],
  ])("stays as it is with %s, and is then no endpoint", (_, endpoint) => {
    expect(fillEndpoint(endpoint, values)).toBe(endpoint);
    expect(isSafeEndpoint(fillEndpoint(endpoint, values), "caller")).toBe(false);
  });

  it.each(payloads)("takes nothing that is more than a part of a path: %j", (id) => {
    const filled = fillEndpoint("/x/${connectionConfig.id}/y", { id });
    expect(["/x/${connectionConfig.id}/y", `/x/${id}/y`]).toContain(filled);
    if (filled !== "/x/${connectionConfig.id}/y") expect(id).toMatch(/^\w(?:[\w.-]*\w)?$/);
  });

  it("is looked at in one go, however long a value is", () => {
    // With a pattern that tries every way to part these, it would not come to an end.
    const id = `${"_".repeat(10_000)}!`;
    expect(fillEndpoint("/x/${connectionConfig.id}", { id })).toBe("/x/${connectionConfig.id}");
    expect(fillAddress("https://${connectionConfig.id}.x.test", { id }, ["x.test"])).toBeNull();
    const good = id.slice(0, -1);
    expect(fillEndpoint("/x/${connectionConfig.id}", { id: good })).toBe(`/x/${good}`);
  });
});

describe("the manifests' own addresses", () => {
  it("are all found by what this test looks at", () => {
    const templated = connectors.filter((each) => addressesOf(each).some(isTemplate)).map(({ slug }) => slug);
    expect(templated).toEqual([
      ...["amazon-seller", "azure-blob-storage", "basecamp", "bigcommerce", "dynamics-365", "egnyte", "intercom"],
      ...["pipedrive", "salesforce", "shopify", "smartsheet", "snowflake", "wrike", "zoho-crm"],
    ]);
  });

  it.each(connectors.filter(({ direct }) => direct.hosts.length > 0))(
    "lead nowhere else for $slug, whatever was typed",
    (one) => {
      for (const question of questionsOf(one.direct)) {
        for (const payload of payloads) {
          const checked = checkConnectionConfig([question], { [question.name]: payload });
          if (!checked.ok) continue;
          for (const template of addressesOf(one).filter((each) => namesIn(each).includes(question.name))) {
            const made = fillAddress(template, checked.values, one.direct.hosts);
            if (made !== null && isTemplate(template))
              expect(isWithin(made, one.direct.hosts), `${payload} ${made}`).toBe(true);
          }
          // Nothing of it is left but what the pattern describes.
          expect(Object.values(checked.values).join()).toMatch(/^[a-z0-9._-]+$/);
        }
      }
    },
  );

  it.each(connectors.filter(({ direct }) => Object.keys(direct.from_answer).length > 0))(
    "lead nowhere else for $slug, whatever the provider answers",
    ({ direct: { from_answer } }) => {
      const hostile = payloads.flatMap((each) => [
        each,
        `https://${each}`,
        `https://${each}.pipedrive.com`,
        `${each}.wrike.com`,
      ]);
      for (const name of Object.keys(from_answer))
        for (const value of hostile)
          for (const kept of Object.values(pickValues({ [name]: value }, from_answer)))
            expect(kept).toMatch(/^(https:\/\/)?[a-z0-9.-]+\.(pipedrive\.com|wrike\.com)$/);
    },
  );

  it("take of an answer only what is named, as it is described", () => {
    const patterns = { host: "^[a-z]+\\.wrike\\.com$" };
    expect(pickValues({ host: "www.wrike.com", other: "x" }, patterns)).toEqual({ host: "www.wrike.com" });
    for (const host of ["www.wrike.com\n", "evil.com", 5, null, ["www.wrike.com"], { toString: () => "www.wrike.com" }])
      expect(pickValues({ host }, patterns)).toEqual({});
    expect(pickValues(Object.create({ host: "www.wrike.com" }), patterns)).toEqual({});
  });
});
