/** Accounts that a test needs but is not about: connected over HTTP, without a frame. */
import type { Page } from "@playwright/test";
import type { ConfirmAnswer, ConnectionList, ConnectionView, SessionAnswer, Visibility } from "@/lib/api/views";
import { description, loseAccess, type Organization } from "./product";

/** The API as the person whose browser this is. */
async function apiOf(page: Page) {
  const { app } = description();
  const { request } = page.context();
  const json = async <T>(response: Awaited<ReturnType<typeof request.fetch>>): Promise<T> => {
    if (!response.ok()) throw new Error(`${response.url()} answered ${response.status()}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const client = await json<{ response: { last_active_session_id: string } }>(
    await request.get(`${app}/__clerk/v1/client`),
  );
  const session = client.response.last_active_session_id;
  const { jwt } = await json<{ jwt: string }>(
    await request.post(`${app}/__clerk/v1/client/sessions/${session}/tokens`, { headers: { origin: app } }),
  );
  return async <T>(method: string, path: string, data?: object): Promise<T> =>
    json<T>(
      await request.fetch(`${app}${path}`, {
        method,
        data,
        headers: { authorization: `Bearer ${jwt}`, origin: app },
      }),
    );
}

type Wish = { connector?: string; key?: string; visibility?: Visibility };

/**
 * Gives the person an account, connected with an API key: an OpenAI one, which has a number for a name, unless another
 * connector is wished for. Accounts of Vercel get a name, another one for each key.
 */
export async function haveAccount(page: Page, wish: Wish = {}): Promise<{ id: string; name: string }> {
  const { connector = "openai", key = "sk-standin", visibility = "everyone" } = wish;
  const api = await apiOf(page);
  const session = await api<SessionAnswer>("POST", "/api/nango/session", { connector, visibility });
  const answer = await fetch(
    `${description().nango.host}/api-auth/api-key/${connector}?connect_session_token=${session.sessionToken}`,
    { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ apiKey: key }) },
  );
  if (!answer.ok) throw new Error(`Nango did not take the key: ${await answer.text()}`);
  const { connectionId } = (await answer.json()) as { connectionId: string };
  const path = `/api/nango/attempts/${session.attemptId}/confirm`;
  const { connection } = await api<ConfirmAnswer>("POST", path, { connectionId });
  if (!connection) throw new Error("The connection was not confirmed.");
  if (connector === "openai") return { id: connection.id, name: `OpenAI ${connection.number}` };
  return { id: connection.id, name: await eventually(api, connection.id, (each) => each.account_name) };
}

type Api = Awaited<ReturnType<typeof apiOf>>;

/** Waits until something can be read from a connection, which jobs bring about. */
async function eventually<T>(api: Api, id: string, read: (connection: ConnectionView) => T | null): Promise<T> {
  for (let look = 0; look < 100; look += 1) {
    const { connections } = await api<ConnectionList>("GET", "/api/v1/connections");
    const connection = connections.find((each) => each.id === id);
    const found = connection ? read(connection) : null;
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("It did not come about.");
}

/** Gives the person an OpenAI account whose key was taken back, as far as it has been noticed. */
export async function haveBrokenAccount(page: Page, organization: Organization): Promise<{ name: string }> {
  const account = await haveAccount(page);
  await loseAccess(organization, "openai");
  await eventually(await apiOf(page), account.id, ({ status }) => (status === "needs_attention" ? true : null));
  return account;
}
