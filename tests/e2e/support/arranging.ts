/** Accounts that a test needs but is not about: connected over HTTP, without a frame. */
import type { Page } from "@playwright/test";
import type { Condition, ConfirmAnswer, ConnectionView, NangoSession, Visibility } from "@/lib/api/views";
import { description, loseAccess, type Organization } from "./product";

/** A kept connection may be closed by the server just when it is used again. */
const maxRetries = 2;

/** The API as the person whose browser this is. */
export async function apiOf(page: Page) {
  const { app } = description();
  const { request } = page.context();
  const json = async <T>(response: Awaited<ReturnType<typeof request.fetch>>): Promise<T> => {
    if (!response.ok()) throw new Error(`${response.url()} answered ${response.status()}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const client = await json<{ response: { last_active_session_id: string } }>(
    await request.get(`${app}/__clerk/v1/client`, { maxRetries }),
  );
  const session = client.response.last_active_session_id;
  const { jwt } = await json<{ jwt: string }>(
    await request.post(`${app}/__clerk/v1/client/sessions/${session}/tokens`, { headers: { origin: app }, maxRetries }),
  );
  return async <T>(method: string, path: string, data?: object): Promise<T> =>
    json<T>(
      await request.fetch(`${app}${path}`, {
        method,
        data,
        maxRetries,
        headers: { authorization: `Bearer ${jwt}`, origin: app },
      }),
    );
}

type Api = Awaited<ReturnType<typeof apiOf>>;
type Wish = { connector?: string; key?: string; visibility?: Visibility };
type Account = { id: string; name: string };

/** Finishes a sign-in at Nango with an API key, as its frame would. @returns Nango's id of the connection */
async function signInWith(key: string, connector: string, session: NangoSession): Promise<string> {
  const answer = await fetch(
    `${description().nango.host}/api-auth/api-key/${connector}?connect_session_token=${session.sessionToken}`,
    { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ apiKey: key }) },
  );
  if (!answer.ok) throw new Error(`Nango did not take the key: ${await answer.text()}`);
  return ((await answer.json()) as { connectionId: string }).connectionId;
}

/**
 * Gives the person an account, connected with an API key: an OpenAI one, which has a number for a name, unless another
 * connector is wished for. Accounts of Vercel get a name, another one for each key; what follows a "+" in a key does not
 * count.
 */
export async function haveAccount(page: Page, wish: Wish = {}): Promise<Account> {
  const { connector = "openai", key = "sk-standin", visibility = "everyone" } = wish;
  const api = await apiOf(page);
  const session = await api<NangoSession>("POST", "/api/nango/session", { connector, visibility });
  const connectionId = await signInWith(key, connector, session);
  const path = `/api/nango/attempts/${session.attemptId}/confirm`;
  const { connection } = await api<ConfirmAnswer>("POST", path, { connectionId });
  if (!connection) throw new Error("The connection was not confirmed.");
  if (connector === "openai") return { id: connection.id, name: `OpenAI ${connection.number}` };
  return { id: connection.id, name: await eventually(api, connection.id, (each) => each.account_name) };
}

/**
 * Signs the person in to Vercel twice in one session of Nango, which two tabs can do. One becomes an account, the other
 * may not count.
 */
export async function signInTwice(page: Page, visibility: Visibility = "everyone"): Promise<void> {
  const api = await apiOf(page);
  const connector = "vercel";
  const session = await api<NangoSession>("POST", "/api/nango/session", { connector, visibility });
  // At once, since the session ends with the first that is heard of.
  await Promise.all(["vcp_one", "vcp_two"].map((key) => signInWith(key, connector, session)));
}

/** How many sign-ins wait in quarantine for the person to decide about. */
export async function waitingInQuarantine(page: Page): Promise<number> {
  const api = await apiOf(page);
  return (await api<{ total_count: number }>("GET", "/api/v1/quarantine")).total_count;
}

/** What the API says of a connection now. */
export async function readConnection(page: Page, id: string): Promise<ConnectionView> {
  const api = await apiOf(page);
  return (await api<{ connection: ConnectionView }>("GET", `/api/v1/connections/${id}`)).connection;
}

/** Gives an account a label. */
export async function giveLabel(page: Page, id: string, text: string): Promise<void> {
  await (await apiOf(page))("PATCH", `/api/v1/connections/${id}`, { label: text });
}

/** Waits until something can be read from a connection, which jobs bring about. */
async function eventually<T>(api: Api, id: string, read: (connection: ConnectionView) => T | null): Promise<T> {
  for (let look = 0; look < 100; look += 1) {
    const { connection } = await api<{ connection: ConnectionView }>("GET", `/api/v1/connections/${id}`);
    const found = read(connection);
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("It did not come about.");
}

/** Waits until a connection is in a condition. */
export async function becomes(page: Page, id: string, code: Condition["code"]): Promise<void> {
  await eventually(await apiOf(page), id, ({ condition }) => (condition.code === code ? true : null));
}

/** Gives the person an account, an OpenAI one by default, whose key was taken back, as far as it has been noticed. */
export async function haveBrokenAccount(page: Page, organization: Organization, wish: Wish = {}): Promise<Account> {
  const account = await haveAccount(page, wish);
  await breakAccount(page, organization, account.id);
  return account;
}

/** The provider takes a sign-in back, and that is noticed. Others of the same connector go with it. */
export async function breakAccount(page: Page, organization: Organization, id: string): Promise<void> {
  await loseAccess(organization, (await readConnection(page, id)).connector);
  await eventually(await apiOf(page), id, ({ status, condition }) =>
    status === "needs_attention" && condition.code !== "checking" ? true : null,
  );
}
