import { Hono } from "hono";
import { addPerson, checkedEmail, checkedPassword, findPersonByEmail, requirePerson } from "./directory";
import { answer, currentClient, ensureClient, type Standin, sessionsOf, startSession } from "./exchange";
import { ClerkError, fieldMissing, fieldWrong, notFound } from "./faults";
import { type Fields, readFields } from "./fields";
import { hashPassword, passwordMatches } from "./password";
import { type Client, newId, type SignInAttempt, type SignUpAttempt } from "./store";
import { missingFields, signInView, signUpView } from "./views";

/** The browser's doors in: sign-in with a password or a ticket of the backend, and sign-up. */
export function signInRoutes(standin: Standin): Hono {
  const { store } = standin;
  const app = new Hono();

  app.post("/client/sign_ins", async (c) => {
    const fields = await readFields(c);
    const client = ensureClient(c, standin);
    refuseSecondSession(standin, client);
    const ticket = fields.text("ticket");
    const person = ticket ? redeemTicket(standin, ticket) : findByIdentifier(standin, fields);
    const signIn: SignInAttempt = {
      id: newId("sia"),
      userId: person.id,
      status: "needs_first_factor",
      sessionId: null,
    };
    const password = fields.text("password");
    if (!ticket && password !== null) await checkPassword(person.passwordHash, password);
    client.signIn = signIn;
    client.signUp = null;
    if (ticket || password !== null) {
      signIn.sessionId = startSession(c, standin, client, person).id;
      signIn.status = "complete";
    }
    store.changed();
    return answer(c, standin, signInView(store, signIn));
  });

  app.get("/client/sign_ins/:id", (c) => {
    const { signIn } = openSignIn(currentClient(c, standin), c.req.param("id"));
    return answer(c, standin, signInView(store, signIn));
  });

  app.post("/client/sign_ins/:id/attempt_first_factor", async (c) => {
    const fields = await readFields(c);
    const { client, signIn } = openSignIn(currentClient(c, standin), c.req.param("id"));
    refuseSecondSession(standin, client);
    if (fields.text("strategy") !== "password") throw strategyInvalid();
    const person = requirePerson(store, signIn.userId);
    await checkPassword(person.passwordHash, fields.text("password") ?? "");
    signIn.sessionId = startSession(c, standin, client, person).id;
    signIn.status = "complete";
    store.changed();
    return answer(c, standin, signInView(store, signIn));
  });

  app.post("/client/sign_ins/:id/prepare_first_factor", () => {
    throw strategyInvalid();
  });

  app.post("/client/sign_ups", async (c) => {
    const client = ensureClient(c, standin);
    refuseSecondSession(standin, client);
    const signUp: SignUpAttempt = {
      id: newId("sua"),
      email: null,
      firstName: null,
      lastName: null,
      passwordHash: null,
      status: "missing_requirements",
      userId: null,
      sessionId: null,
    };
    await fillSignUp(standin, signUp, await readFields(c));
    client.signUp = signUp;
    client.signIn = null;
    await finishSignUp(standin, signUp, (person) => startSession(c, standin, client, person).id);
    return answer(c, standin, signUpView(signUp));
  });

  app.patch("/client/sign_ups/:id", async (c) => {
    const client = currentClient(c, standin);
    const signUp = client?.signUp;
    if (!client || !signUp || signUp.id !== c.req.param("id")) throw notFound("sign-up");
    await fillSignUp(standin, signUp, await readFields(c));
    await finishSignUp(standin, signUp, (person) => startSession(c, standin, client, person).id);
    return answer(c, standin, signUpView(signUp));
  });

  app.get("/client/sign_ups/:id", (c) => {
    const signUp = currentClient(c, standin)?.signUp;
    if (!signUp || signUp.id !== c.req.param("id")) throw notFound("sign-up");
    return answer(c, standin, signUpView(signUp));
  });

  return app;
}

function findByIdentifier({ store }: Standin, fields: Fields) {
  const identifier = fields.text("identifier");
  if (!identifier) throw fieldMissing("identifier");
  const person = findPersonByEmail(store, identifier);
  if (!person) throw fieldWrong("identifier", "form_identifier_not_found", "Couldn't find your account.");
  return person;
}

async function checkPassword(hash: string, password: string): Promise<void> {
  if (!password) throw fieldMissing("password");
  if (await passwordMatches(password, hash)) return;
  throw fieldWrong("password", "form_password_incorrect", "Password is incorrect. Try again.");
}

function redeemTicket({ store }: Standin, ticket: string) {
  const found = store.state.tickets[ticket];
  delete store.state.tickets[ticket];
  if (!found || found.expireAt < Date.now()) {
    throw fieldWrong("ticket", "ticket_invalid_code", "This ticket is invalid, used or expired.");
  }
  return requirePerson(store, found.userId);
}

function openSignIn(client: Client | null, id: string) {
  const signIn = client?.signIn;
  if (!client || !signIn || signIn.id !== id) throw notFound("sign-in");
  return { client, signIn };
}

/** One session per browser, as the environment says. */
function refuseSecondSession({ store }: Standin, client: Client): void {
  if (sessionsOf(store, client).length === 0) return;
  throw new ClerkError(400, "session_exists", "Session already exists", "You're already signed in.");
}

function strategyInvalid(): ClerkError {
  return fieldWrong("strategy", "strategy_for_user_invalid", "Only passwords can be used to sign in here.");
}

async function fillSignUp({ store }: Standin, signUp: SignUpAttempt, fields: Fields): Promise<void> {
  const email = fields.text("email_address");
  const password = fields.text("password");
  if (email !== null) signUp.email = checkedEmail(store, email);
  if (password !== null) signUp.passwordHash = await hashPassword(checkedPassword(password));
  if (fields.has("first_name")) signUp.firstName = fields.text("first_name") || null;
  if (fields.has("last_name")) signUp.lastName = fields.text("last_name") || null;
  store.changed();
}

async function finishSignUp(
  { store }: Standin,
  signUp: SignUpAttempt,
  signIn: (person: Awaited<ReturnType<typeof addPerson>>) => string,
): Promise<void> {
  if (signUp.status === "complete" || missingFields(signUp).length > 0) return;
  const person = await addPerson(store, {
    email: signUp.email ?? "",
    passwordHash: signUp.passwordHash ?? "",
    firstName: signUp.firstName,
    lastName: signUp.lastName,
  });
  signUp.userId = person.id;
  signUp.sessionId = signIn(person);
  signUp.status = "complete";
  store.changed();
}
