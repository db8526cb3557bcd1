import { checkConnectionConfig, questionsOf } from "@/lib/catalogue/connection-config";
import type { Manifest } from "@/lib/catalogue/manifest";
import { type DirectOAuth, directSchema } from "@/lib/catalogue/manifest-direct";
import { fillAddress, isTemplate, namesIn } from "@/lib/oauth/templates";
import { finishDirect } from "./direct-oauth";
import type { ProviderFacts } from "./provider-catalogue";

/** What is wrong with the direct part of a manifest, beyond the schema. */
export function* directProblems(
  oauth: NonNullable<Manifest["oauth"]>,
  direct: DirectOAuth,
  provider: ProviderFacts,
): Generator<string> {
  const expected = directSchema.safeParse(finishDirect(provider, direct));
  if (JSON.stringify(expected.data) !== JSON.stringify(direct)) {
    yield "oauth.direct: differs from what Nango's catalogue says (run manifests:generate)";
    return;
  }
  const addresses = [
    direct.authorization_url ?? oauth.authorization_url ?? "",
    direct.token_url ?? oauth.token_url ?? "",
    direct.api_base_url,
    direct.revocation_endpoint ?? "",
  ];
  const templates = addresses.filter(isTemplate);
  if (templates.length === 0 && direct.hosts.length > 0) yield "oauth.direct.hosts: no address is filled in";
  for (const params of [direct.authorization_params, direct.token_params, direct.refresh_params]) {
    const secret = Object.values(params)
      .flatMap(namesIn)
      .find((name) => /^(accessToken|clientSecret)$/.test(name));
    if (secret) yield `oauth.direct: \${${secret}} belongs into a header of calls alone`;
  }
  const used = new Set(
    [...addresses, JSON.stringify([direct.api_headers, direct.authorization_params, direct.token_params])].flatMap(
      namesIn,
    ),
  );
  for (const name of Object.keys(direct.from_answer)) {
    if (!used.has(name)) yield `oauth.direct.from_answer: nothing holds "${name}"`;
  }
  yield* questionProblems(direct, templates);
}

/** A good answer to each question must pass, and lead to addresses that pass. */
function* questionProblems(direct: DirectOAuth, templates: string[]): Generator<string> {
  const values: Record<string, string> = {};
  for (const question of questionsOf(direct)) {
    for (const answer of question.options ?? [question.example ?? ""]) {
      const checked = checkConnectionConfig([{ ...question, optional: false }], { [question.name]: answer });
      if (checked.ok) Object.assign(values, checked.values);
      else yield `oauth.direct.connection_config.${question.name}: "${answer}" is no answer to it`;
    }
  }
  for (const template of templates) {
    const waits = namesIn(template).some((name) => Object.hasOwn(direct.from_answer, name));
    if (!waits && fillAddress(template, values, direct.hosts) === null) {
      yield `oauth.direct.hosts: "${template}" leads elsewhere with the examples of its own`;
    }
  }
}
