/** Probes of connect links. */
import { randomUUID } from "node:crypto";
import type { Tenant } from "@/lib/auth/tenant";
import { linkTenant } from "@/lib/connect/link-tenant";
import { confirmAttempt, startAttempt } from "@/lib/db/attempts";
import { leaveLink, redeemLink } from "@/lib/db/link-returns";
import { findLink, getLink, listLinks, makeLink, ownerOfLinkAttempt, revokeLink } from "@/lib/db/links";
import { factsOf } from "../../support/connecting";
import { asKey, type DataFixture } from "../../support/tenants";
import { block, changes, type Probe, type Probes, peopleOf, worked } from "../probing";

export const links = (db: DataFixture): Probes => {
  const email = "invited@else.test";
  async function asked(tenant: Tenant, address = email) {
    const token = randomUUID();
    return { ...(await makeLink(tenant, { connector: "github", email: address, token, most: 50 })), token };
  }
  /** A link for its maker's own person, which leads back. */
  async function authorized(tenant: Tenant) {
    const [token, state] = [randomUUID(), randomUUID()];
    const back = { redirectUri: "https://app.example.com/connected", state };
    return { ...(await makeLink(tenant, { connector: "github", email: null, token, back })), token, state };
  }
  /** The same, used, and on the way back with a code. */
  async function returning(tenant: Tenant) {
    const link = await authorized(tenant);
    await followed(link, tenant.userId, tenant.ownerId);
    const code = randomUUID();
    await leaveLink(link.id, tenant.userId, code);
    return { ...link, given: { connector: "github", state: link.state, code } };
  }
  const startBy = (tenant: Tenant, linkId: string) =>
    startAttempt(tenant, { connector: "github", integrationKey: "github", visibility: "everyone", linkId });

  /** Follows a link as somebody to its end. */
  async function followed(link: { id: string }, userId: string, ownerId: string) {
    const tenant = linkTenant(userId, ownerId);
    const attempt = await startBy(tenant, link.id);
    const { connectionId } = await confirmAttempt(attempt.id, factsOf(tenant, attempt), "page");
    if (!connectionId) throw new Error("the link brought nothing");
    return connectionId;
  }
  async function fill(owner: string) {
    await db.sql`insert into people (user_id) values ('user_ada') on conflict do nothing`;
    await db.sql`insert into connect_links (owner_id, created_by, connector, email, token_hash)
      select ${owner}, 'user_ada', 'github', ${email}, sha256(convert_to(gen_random_uuid()::text, 'utf8'))
      from generate_series(1, 50)`;
  }
  const names = () => db.sql`update people set name = user_id`;
  /** Whether somebody else's open link is changed by a call that is about a person of another owner, or a colleague. */
  const touched = (
    whose: (people: ReturnType<typeof peopleOf>) => Tenant,
    call: (acme: string) => Promise<unknown>,
  ) => {
    const probe: Probe = async () => {
      const people = peopleOf(db);
      await asked(people.ada);
      const { id } = await asked(whose(people), "somebody@else.test");
      return () => changes(db, "connect_links", id, () => call(people.acme));
    };
    return probe;
  };
  const revokeAdas = async (acme: string) => db.sql`select patchbay.revoke_links_of(${acme}, 'user_ada')`;
  const forget = async (user: string, address: string | null = null) =>
    db.sql`select patchbay.forget_links_of(${user}, ${address})`;

  return {
    "patchbay.make_link": {
      "a link is made to what the owner blocks": async () => {
        const { acme, ada } = peopleOf(db);
        await block(db, acme, "connector", "github");
        return () => worked(asked(ada));
      },
      "another owner's links count": async () => {
        const { globex, ada } = peopleOf(db);
        await fill(globex);
        return async () => !(await worked(asked(ada)));
      },
      "another person's own links count": async () => {
        const { acme, ada } = peopleOf(db);
        await db.sql`insert into people (user_id) values ('user_grace') on conflict do nothing`;
        await db.sql`insert into connect_links (owner_id, created_by, connector, user_id, token_hash)
          select ${acme}, 'user_grace', 'github', 'user_grace', sha256(convert_to(gen_random_uuid()::text, 'utf8'))
          from generate_series(1, 50)`;
        return async () => !(await worked(authorized(ada)));
      },
      "a colleague's links count as one's own": async () => {
        const { ada, grace } = peopleOf(db);
        await asked(ada);
        const one = { connector: "github", email, token: randomUUID(), most: 1 };
        return async () => !(await worked(makeLink(grace, one)));
      },
    },
    "patchbay.list_links": {
      "another owner's is listed": async () => {
        const { ada, adaElsewhere } = peopleOf(db);
        await asked(ada);
        return async () => (await listLinks(adaElsewhere)).links.length > 0;
      },
      "another owner's is counted": async () => {
        const { ada, adaElsewhere } = peopleOf(db);
        await asked(ada);
        await asked(adaElsewhere);
        return async () => (await listLinks(adaElsewhere)).totalCount !== 1;
      },
      "what has become somebody's alone is named": async () => {
        const { acme, ada } = peopleOf(db);
        const id = await followed(await asked(ada), "user_vera", acme);
        await db.sql`update connections set visibility = 'only_me', contact_id = connected_by where id = ${id}`;
        return async () => (await listLinks(ada)).links.some(({ connectionId }) => connectionId === id);
      },
      "a key is named what its maker has alone by now": async () => {
        const { acme, ada } = peopleOf(db);
        const link = await authorized(asKey(ada));
        const id = await followed(link, ada.userId, acme);
        await db.sql`update connections set visibility = 'only_me' where id = ${id}`;
        return async () => (await getLink(asKey(ada), link.id)).connectionId !== null;
      },
      "a member is shown another's": async () => {
        const { ada, grace } = peopleOf(db);
        await asked(ada);
        return async () => (await listLinks(grace)).links.length > 0;
      },
      "a member hears how many others made": async () => {
        const { ada, grace } = peopleOf(db);
        await asked(ada);
        await asked(grace);
        return async () => (await listLinks(grace)).totalCount !== 1;
      },
      "it goes under somebody else's name": async () => {
        const { acme, ada } = peopleOf(db);
        const link = await asked(ada);
        await followed(link, "user_vera", acme);
        await names();
        return async () => {
          const { links: found } = await listLinks(ada);
          return found.some((each) => each.createdBy.name !== "user_ada" || each.usedBy?.name !== "user_vera");
        };
      },
    },
    "patchbay.revoke_link": {
      "another owner's administrator does it": async () => {
        const { ada, adaElsewhere } = peopleOf(db);
        const { id } = await asked(ada);
        return () => changes(db, "connect_links", id, () => revokeLink(adaElsewhere, id));
      },
      "a member revokes an administrator's": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await asked(ada);
        return () => changes(db, "connect_links", id, () => revokeLink(grace, id));
      },
    },
    "patchbay.find_link": {
      "it opens for another address": async () => {
        const { token } = await asked(peopleOf(db).ada);
        return async () => (await findLink(token, "user_grace", ["somebody@else.test"])) !== null;
      },
      "it opens without an address": async () => {
        const { token } = await asked(peopleOf(db).ada);
        return async () => (await findLink(token, "user_ada", [])) !== null;
      },
      "it opens for another person": async () => {
        const { token } = await authorized(peopleOf(db).ada);
        return async () => (await findLink(token, "user_grace", [email])) !== null;
      },
      "another asks": async () => {
        const { ada, katherine } = peopleOf(db);
        const [one, other] = [await asked(ada), await asked(katherine)];
        await names();
        const askerOf = async (token: string) => (await findLink(token, "user_vera", [email]))?.createdBy;
        return async () => {
          const found = [await askerOf(one.token), await askerOf(other.token)];
          return found.some((asker) => asker?.name !== asker?.id);
        };
      },
    },
    "patchbay.start_link_attempt": {
      "another owner gets an attempt of it": async () => {
        const { ada, globex } = peopleOf(db);
        const { id } = await asked(ada);
        return () => worked(startBy(linkTenant("user_vera", globex), id));
      },
    },
    "patchbay.leave_link": {
      "somebody else takes a code along": async () => {
        const { ada } = peopleOf(db);
        const link = await authorized(ada);
        await followed(link, ada.userId, ada.ownerId);
        return () => worked(leaveLink(link.id, "user_grace", randomUUID()));
      },
    },
    "patchbay.redeem_link": {
      "another owner hears what came of it": async () => {
        const { ada, adaElsewhere } = peopleOf(db);
        const { given } = await returning(ada);
        return () => worked(redeemLink(adaElsewhere, given));
      },
      "a colleague hears what came of it": async () => {
        const { ada, grace } = peopleOf(db);
        const { given } = await returning(ada);
        return () => worked(redeemLink(grace, given));
      },
    },
    "patchbay.owner_of_link_attempt": {
      "another person acts on it": async () => {
        const { acme, ada } = peopleOf(db);
        const { id, token } = await asked(ada);
        const attempt = await startBy(linkTenant("user_vera", acme), id);
        return async () => (await ownerOfLinkAttempt(token, "user_grace", attempt.id)) !== null;
      },
    },
    "patchbay.use_link": {
      "whoever asked is not told": async () => {
        const { acme, ada } = peopleOf(db);
        const link = await asked(ada);
        return async () => {
          const connection = await followed(link, "user_vera", acme);
          const told = await db.sql`
            select 1 from notices where connection_id = ${connection} and kind = 'link_used' and user_id = 'user_ada'`;
          return told.length !== 1;
        };
      },
      "somebody is told of what they did themselves, or under another's name": async () => {
        const { acme, ada } = peopleOf(db);
        const [own, others] = [await asked(ada), await asked(ada)];
        await db.sql`insert into people (user_id) values ('user_vera') on conflict do nothing`;
        await names();
        return async () => {
          const mine = await followed(own, "user_ada", acme);
          const theirs = await followed(others, "user_vera", acme);
          const told = await db.sql`
            select person from notices where kind = 'link_used' and connection_id in (${mine}, ${theirs})`;
          return JSON.stringify(told.map(({ person }) => person)) !== '["user_vera"]';
        };
      },
    },
    "patchbay.revoke_links_of": {
      "another owner's end": touched((people) => people.adaElsewhere, revokeAdas),
      "a colleague's end": touched((people) => people.grace, revokeAdas),
    },
    "patchbay.forget_links_of": {
      "what somebody else was asked ends": touched(
        (people) => people.grace,
        () => forget("user_ada", email),
      ),
      "what another used is forgotten": async () => {
        const { acme, ada } = peopleOf(db);
        const link = await asked(ada);
        await followed(link, "user_vera", acme);
        return () => changes(db, "connect_links", link.id, () => forget("user_grace"));
      },
      "whom they had asked is forgotten with them": async () => {
        const { id } = await asked(peopleOf(db).ada, "kept@else.test");
        return async () => {
          await forget("user_ada");
          const [row] = await db.sql`select email from connect_links where id = ${id}`;
          return row?.email !== "kept@else.test";
        };
      },
      "another's name is taken from what people were told": async () => {
        const { acme, ada } = peopleOf(db);
        const link = await asked(ada);
        await db.sql`insert into people (user_id) values ('user_vera') on conflict do nothing`;
        await names();
        const connection = await followed(link, "user_vera", acme);
        return async () => {
          await forget("user_grace");
          const [told] = await db.sql`select person from notices where connection_id = ${connection}`;
          return told?.person !== "user_vera";
        };
      },
    },
  };
};
