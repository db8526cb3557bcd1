import { keyAnswerSchema, keyListSchema, listKeysSchema, madeKeySchema, makeKeySchema } from "@/lib/api/key-views";
import { operation } from "@/lib/api/operation";
import { idParamsSchema, ownerOnlySchema } from "@/lib/api/views";

/** The calls about keys. For signed-in people: no key makes, sees or revokes keys. */

export const listApiKeys = operation({
  id: "listApiKeys",
  method: "GET",
  path: "/api/v1/api-keys",
  tag: "Keys",
  summary: "List your keys, newest first.",
  description: "Administrators of an organisation see all of its keys. Revoked ones are among them.",
  scope: null,
  query: listKeysSchema,
  answer: keyListSchema,
  errors: [],
});

export const makeApiKey = operation({
  id: "makeApiKey",
  method: "POST",
  path: "/api/v1/api-keys",
  tag: "Keys",
  summary: "Make a key.",
  description:
    "The only answer that holds the key. It acts in your name with a member's rights over the connections that everyone in the organisation may use, and ends when you leave.",
  scope: null,
  body: makeKeySchema,
  answer: madeKeySchema,
  status: 201,
  errors: ["unknown_connector", "too_many_keys"],
  idempotent: "once",
});

export const revokeApiKey = operation({
  id: "revokeApiKey",
  method: "DELETE",
  path: "/api/v1/api-keys/{id}",
  tag: "Keys",
  summary: "Revoke a key, at once.",
  description: "Revoking it twice is no error.",
  scope: null,
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: keyAnswerSchema,
  errors: [],
});
