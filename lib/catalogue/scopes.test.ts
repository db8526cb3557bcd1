import { describe, expect, it } from "vitest";
import { manifests } from "./manifests";
import { actionsAffected, missingScopes } from "./scopes";

const google = (name: string) => `https://www.googleapis.com/auth/${name}`;

describe("missing scopes", () => {
  it("are those that were asked for and not granted, as they were asked for, in whatever order", () => {
    expect(missingScopes(["c:read", "a:read", "b:read"], ["b:read", "extra", "a:read"])).toEqual(["c:read"]);
    expect(missingScopes(["a", "b"], ["b", "a"])).toEqual([]);
    expect(missingScopes(["a", "b"], [])).toEqual(["a", "b"]);
  });

  it("are none where nobody knows what was asked for or granted", () => {
    expect(missingScopes(null, ["a"])).toEqual([]);
    expect(missingScopes(["a"], null)).toEqual([]);
  });

  it.each<[string, string[], string[]]>([
    ["GitHub's repo, which includes less", ["repo:status", "public_repo"], ["repo"]],
    ["GitHub's user, which replaces read:user", ["read:user", "repo"], ["user", "repo"]],
    [
      "Google's long names of short ones",
      ["openid", "email", "profile"],
      ["openid", google("userinfo.email"), google("userinfo.profile")],
    ],
    ["Google's short names of long ones", [google("userinfo.email")], ["email"]],
    ["Gmail's modify, which may send", [google("gmail.modify"), google("gmail.send")], [google("gmail.modify")]],
    ["all of Gmail", [google("gmail.modify"), google("gmail.send")], ["https://mail.google.com/"]],
    ["all of a Google service for its read-only form", [google("drive.readonly")], [google("drive")]],
    ["Slack's commas", ["channels:read", "chat:write"], ["chat:write,channels:read,team:read"]],
    [
      "Microsoft's resource in front, another case, and no offline_access",
      ["offline_access", "User.Read", "Mail.Send"],
      ["https://graph.microsoft.com/mail.send", "https://graph.microsoft.com/User.Read"],
    ],
    ["Microsoft's ReadWrite for Read", ["Mail.Read", "Files.Read.All"], ["Mail.ReadWrite", "Files.ReadWrite.All"]],
    ["Microsoft's All for one's own", ["Files.ReadWrite", "Files.Read"], ["Files.ReadWrite.All"]],
    [
      "a default, whatever it stands for",
      ["https://storage.azure.com/.default"],
      ["https://storage.azure.com/user_impersonation"],
    ],
    ["Shopify's write, which it names without the read", ["read_products", "write_products"], ["write_products"]],
    ["a store's full scope for the read-only one", ["store_v2_orders_read_only"], ["store_v2_orders"]],
    ["X's offline.access", ["tweet.read", "offline.access"], ["tweet.read"]],
  ])("are none with %s", (_, requested, granted) => {
    expect(missingScopes(requested, granted)).toEqual([]);
  });

  it.each<[string, string[], string[], string[]]>([
    ["GitHub's status is not repo", ["repo"], ["repo:status", "public_repo"], ["repo"]],
    ["sending is not reading", [google("gmail.modify")], [google("gmail.send")], [google("gmail.modify")]],
    ["reading is not writing", ["Mail.ReadWrite"], ["Mail.Read"], ["Mail.ReadWrite"]],
    ["read-only is not all", [google("drive")], [google("drive.readonly")], [google("drive")]],
    ["one's own is not everybody's", ["Files.Read.All"], ["Files.Read"], ["Files.Read.All"]],
    ["a read is not a write", ["write_products"], ["read_products"], ["write_products"]],
    ["a name within another is not it", ["chat:write"], ["chat:write.public"], ["chat:write"]],
    [
      "another resource's path is not cut off",
      [google("gmail.send")],
      ["https://example.com/auth/gmail.send"],
      [google("gmail.send")],
    ],
  ])("are found where %s", (_, requested, granted, missing) => {
    expect(missingScopes(requested, granted)).toEqual(missing);
  });

  it("are none when a connector gets exactly what it asks for", () => {
    for (const manifest of manifests.values()) {
      const scopes = manifest.oauth?.default_scopes ?? [];
      expect([manifest.slug, missingScopes(scopes, scopes)]).toEqual([manifest.slug, []]);
    }
  });
});

describe("affected actions", () => {
  const of = (slug: string, granted: string[]) => {
    const manifest = manifests.get(slug);
    if (!manifest) throw new Error(slug);
    return actionsAffected(manifest, missingScopes(manifest.oauth?.default_scopes ?? [], granted));
  };

  it("are those that need what is missing", () => {
    expect(of("slack", ["channels:read", "channels:history", "groups:read", "reactions:write", "users:read"])).toEqual([
      "send_message",
      "update_message",
      "find_person",
    ]);
    expect(of("outlook-mail", ["User.Read", "Mail.ReadWrite"])).toEqual(["send_mail", "reply"]);
    expect(of("gmail", [google("gmail.send")])).not.toContain("send_message");
    expect(of("gmail", [google("gmail.send")])).toContain("list_messages");
  });

  it("are none when nothing is missing, or when nobody knows what an action needs", () => {
    expect(of("github", ["repo", "read:user"])).toEqual([]);
    expect(of("notion", [])).toEqual([]);
    expect(of("trello", [])).toEqual([]);
  });
});
