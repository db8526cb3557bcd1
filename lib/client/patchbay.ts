import createClient from "openapi-fetch";
import type { paths } from "@/lib/client/schema";

/**
 * A typed client of the API, for programs of our own and as an example: every address, parameter and answer is checked
 * when compiling. Its types are generated from the API's description (`npm run api:client`).
 * @param baseUrl where the app is, without a path
 * @param apiKey as it was shown when it was made
 */
export function patchbay({ baseUrl, apiKey }: { baseUrl: string; apiKey: string }) {
  return createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${apiKey}` } });
}
