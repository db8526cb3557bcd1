import type { Environment } from "@/lib/env";
import { call, type Finding, fine, wrong } from "./finding";

/** Panora, where it is used: its key, and who may use it. */
export async function checkPanora({ panora }: Environment): Promise<Finding[]> {
  if (!panora.api) return [fine("Panora: not used, for want of an address and a key")];
  const { url, apiKey } = panora.api;
  const answer = await call(`${url}/crm/contacts?limit=1`, { headers: { authorization: `Bearer ${apiKey}` } });
  const keyFinding =
    answer.status === 200
      ? fine("Panora: the key reads contacts")
      : answer.status === 0
        ? wrong(`Panora: ${url} did not answer (${answer.text})`, "check PANORA_API_URL and the network")
        : wrong(`Panora: contacts cannot be read (${answer.status})`, "copy the key again from Panora's dashboard");
  return [
    keyFinding,
    panora.owners.length > 0
      ? fine(`Panora: may be used by ${panora.owners.includes("*") ? "everybody" : panora.owners.join(", ")}`)
      : wrong(
          "Panora: PANORA_OWNERS names nobody, so nobody may use it",
          "name the organisations whose data is behind the key, or * for everybody",
        ),
  ];
}
