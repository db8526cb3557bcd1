import { membershipsOf, membersOf } from "./directory";
import { initialsImage } from "./picture";
import type {
  Client,
  Invitation,
  Membership,
  MembershipRole,
  Organization,
  Person,
  Session,
  SignInAttempt,
  SignUpAttempt,
  Store,
} from "./store";

/** Clerk's JSON forms of what the store holds. Field names are Clerk's; fields that no reader uses are left out. */

const DAY_MS = 86_400_000;
export const CLIENT_LIFETIME_MS = 365 * DAY_MS;

const MEMBER_PERMISSIONS = ["org:sys_memberships:read", "org:sys_profile:read"];
const PERMISSIONS: Record<MembershipRole, string[]> = {
  "org:admin": [
    ...MEMBER_PERMISSIONS,
    "org:sys_memberships:manage",
    "org:sys_profile:manage",
    "org:sys_profile:delete",
  ],
  "org:member": MEMBER_PERMISSIONS,
};
const ROLE_NAMES: Record<MembershipRole, string> = { "org:admin": "Admin", "org:member": "Member" };

export function userView(store: Store, person: Person) {
  return {
    object: "user",
    id: person.id,
    external_id: null,
    username: null,
    first_name: person.firstName,
    last_name: person.lastName,
    image_url: person.image ?? initialsImage(displayName(person)),
    has_image: person.image !== null,
    primary_email_address_id: person.emailId,
    primary_phone_number_id: null,
    primary_web3_wallet_id: null,
    email_addresses: [
      {
        object: "email_address",
        id: person.emailId,
        email_address: person.email,
        reserved: false,
        verification: {
          object: "verification",
          status: "verified",
          strategy: "admin",
          attempts: null,
          expire_at: null,
        },
        linked_to: [],
        matches_sso_connection: false,
        created_at: person.createdAt,
        updated_at: person.createdAt,
      },
    ],
    phone_numbers: [],
    web3_wallets: [],
    external_accounts: [],
    enterprise_accounts: [],
    passkeys: [],
    organization_memberships: membershipsOf(store, person.id).map((membership) => membershipView(store, membership)),
    password_enabled: true,
    totp_enabled: false,
    backup_code_enabled: false,
    two_factor_enabled: false,
    banned: person.banned ?? false,
    locked: false,
    lockout_expires_in_seconds: null,
    verification_attempts_remaining: null,
    public_metadata: {},
    private_metadata: {},
    unsafe_metadata: person.unsafeMetadata,
    create_organization_enabled: true,
    create_organizations_limit: null,
    delete_self_enabled: true,
    legal_accepted_at: null,
    locale: null,
    last_active_at: person.lastSignInAt,
    last_sign_in_at: person.lastSignInAt,
    password_last_updated_at: person.updatedAt,
    created_at: person.createdAt,
    updated_at: person.updatedAt,
  };
}

function publicUserView(person: Person) {
  return {
    user_id: person.id,
    first_name: person.firstName,
    last_name: person.lastName,
    image_url: person.image ?? initialsImage(displayName(person)),
    has_image: person.image !== null,
    identifier: person.email,
    banned: person.banned ?? false,
  };
}

export function organizationView(store: Store, organization: Organization) {
  return {
    object: "organization",
    id: organization.id,
    name: organization.name,
    slug: organization.slug,
    image_url: organization.image ?? initialsImage(organization.name),
    has_image: organization.image !== null,
    members_count: membersOf(store, organization.id).length,
    pending_invitations_count: pendingInvitations(store, organization.id).length,
    max_allowed_memberships: 0,
    admin_delete_enabled: true,
    public_metadata: {},
    private_metadata: {},
    created_by: organization.createdBy,
    created_at: organization.createdAt,
    updated_at: organization.updatedAt,
  };
}

export function membershipView(store: Store, membership: Membership) {
  const organization = store.state.organizations[membership.organizationId];
  const person = store.state.people[membership.userId];
  return {
    object: "organization_membership",
    id: membership.id,
    role: membership.role,
    role_name: ROLE_NAMES[membership.role],
    permissions: PERMISSIONS[membership.role],
    public_metadata: {},
    private_metadata: {},
    organization: organization && organizationView(store, organization),
    public_user_data: person && publicUserView(person),
    created_at: membership.createdAt,
    updated_at: membership.updatedAt,
  };
}

export function roleViews() {
  return (Object.keys(ROLE_NAMES) as MembershipRole[]).map((key) => ({
    object: "role",
    id: `role_standin_${key.slice(4)}`,
    key,
    name: ROLE_NAMES[key],
    description: "",
    permissions: PERMISSIONS[key].map((permission) => ({
      object: "permission",
      id: `perm_${permission}`,
      key: permission,
      name: permission,
      description: "",
      type: "system",
      created_at: 0,
      updated_at: 0,
    })),
    created_at: 0,
    updated_at: 0,
  }));
}

export function pendingInvitations(store: Store, organizationId: string): Invitation[] {
  return Object.values(store.state.invitations).filter(
    (invitation) => invitation.organizationId === organizationId && invitation.status === "pending",
  );
}

export function invitationView(store: Store, invitation: Invitation) {
  const organization = store.state.organizations[invitation.organizationId];
  return {
    object: "organization_invitation",
    id: invitation.id,
    email_address: invitation.email,
    organization_id: invitation.organizationId,
    public_organization_data: organization && {
      id: organization.id,
      name: organization.name,
      slug: organization.slug,
      image_url: organization.image ?? initialsImage(organization.name),
      has_image: organization.image !== null,
    },
    public_metadata: {},
    status: invitation.status,
    role: invitation.role,
    role_name: ROLE_NAMES[invitation.role],
    created_at: invitation.createdAt,
    updated_at: invitation.updatedAt,
  };
}

/** @param jwt a fresh token of this session, or null where the reader takes none (backend) */
export function sessionView(store: Store, session: Session, jwt: string | null) {
  const person = store.state.people[session.userId];
  return {
    object: "session",
    id: session.id,
    client_id: session.clientId,
    user_id: session.userId,
    status: "active",
    factor_verification_age: [Math.floor((Date.now() - session.createdAt) / 60_000), -1],
    last_active_organization_id: session.organizationId,
    last_active_at: session.lastActiveAt,
    last_active_token: jwt && { object: "token", jwt },
    expire_at: session.expireAt,
    abandon_at: session.expireAt,
    actor: null,
    tasks: null,
    user: jwt && person ? userView(store, person) : null,
    public_user_data: person && publicUserView(person),
    created_at: session.createdAt,
    updated_at: session.updatedAt,
  };
}

export function clientView(store: Store, client: Client, sessions: ReturnType<typeof sessionView>[]) {
  return {
    object: "client",
    id: client.id,
    sessions,
    sign_in: client.signIn && signInView(store, client.signIn),
    sign_up: client.signUp && signUpView(client.signUp),
    last_active_session_id: client.lastActiveSessionId,
    last_authentication_strategy: null,
    captcha_bypass: false,
    cookie_expires_at: client.createdAt + CLIENT_LIFETIME_MS,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
  };
}

export function signInView(store: Store, signIn: SignInAttempt) {
  const person = store.state.people[signIn.userId];
  return {
    object: "sign_in",
    id: signIn.id,
    status: signIn.status,
    supported_identifiers: ["email_address"],
    supported_first_factors: [{ strategy: "password" }],
    supported_second_factors: [],
    first_factor_verification:
      signIn.status === "complete" ? { object: "verification", status: "verified", strategy: "password" } : null,
    second_factor_verification: null,
    identifier: person?.email ?? null,
    user_data: person && {
      first_name: person.firstName,
      last_name: person.lastName,
      image_url: person.image ?? initialsImage(displayName(person)),
      has_image: person.image !== null,
    },
    created_session_id: signIn.sessionId,
  };
}

export function signUpView(signUp: SignUpAttempt) {
  return {
    object: "sign_up",
    id: signUp.id,
    status: signUp.status,
    required_fields: ["email_address", "password"],
    optional_fields: ["first_name", "last_name"],
    missing_fields: missingFields(signUp),
    unverified_fields: [],
    verifications: { email_address: null, phone_number: null, web3_wallet: null, external_account: null },
    username: null,
    email_address: signUp.email,
    phone_number: null,
    web3_wallet: null,
    first_name: signUp.firstName,
    last_name: signUp.lastName,
    has_password: signUp.passwordHash !== null,
    external_account: null,
    external_account_strategy: null,
    unsafe_metadata: {},
    created_session_id: signUp.sessionId,
    created_user_id: signUp.userId,
    abandon_at: null,
    legal_accepted_at: null,
    locale: null,
  };
}

export function missingFields(signUp: SignUpAttempt): string[] {
  return [...(signUp.email ? [] : ["email_address"]), ...(signUp.passwordHash ? [] : ["password"])];
}

export function listView<T>(data: T[]) {
  return { data, total_count: data.length };
}

function displayName(person: Person): string {
  return [person.firstName, person.lastName].filter(Boolean).join(" ") || person.email;
}
