import { MIN_PASSWORD_LENGTH } from "./directory";

/**
 * Clerk's `/v1/environment`: what the instance allows. E-mail and password, sign-up open and without verification
 * (nothing here can send a mail), organisations on, everything else off.
 * @param origin public origin of the app
 */
export function environmentView(applicationName: string, origin: string) {
  const home = `${origin}/`;
  return {
    object: "environment",
    id: "env_standin",
    maintenance_mode: false,
    client_debug_mode: false,
    partitioned_cookies: false,
    auth_config: {
      object: "auth_config",
      id: "aconf_standin",
      single_session_mode: true,
      claimed_at: null,
      reverification: false,
    },
    display_config: {
      object: "display_config",
      id: "display_config_standin",
      application_name: applicationName,
      instance_environment_type: "production",
      preferred_sign_in_strategy: "password",
      branded: false,
      show_devmode_warning: false,
      captcha_public_key: null,
      captcha_public_key_invisible: null,
      captcha_widget_type: null,
      captcha_provider: "turnstile",
      captcha_oauth_bypass: [],
      home_url: home,
      sign_in_url: `${origin}/sign-in`,
      sign_up_url: `${origin}/sign-up`,
      after_sign_in_url: home,
      after_sign_up_url: home,
      after_sign_out_all_url: home,
      after_sign_out_one_url: home,
      after_switch_session_url: home,
      after_create_organization_url: home,
      after_leave_organization_url: home,
      user_profile_url: home,
      organization_profile_url: home,
      create_organization_url: home,
      waitlist_url: home,
      after_join_waitlist_url: home,
      logo_image_url: "",
      favicon_image_url: "",
      support_email: "",
      terms_url: "",
      privacy_policy_url: "",
      theme: {},
    },
    user_settings: {
      attributes: {
        // Changing the address would need a mail with a code.
        email_address: attribute({ enabled: true, required: true, used_for_first_factor: true, immutable: true }),
        password: attribute({ enabled: true, required: true }),
        first_name: attribute({ enabled: true }),
        last_name: attribute({ enabled: true }),
        phone_number: attribute({}),
        username: attribute({}),
        web3_wallet: attribute({}),
        authenticator_app: attribute({}),
        backup_code: attribute({}),
        passkey: attribute({}),
      },
      actions: { create_organization: true, delete_self: true },
      social: {},
      enterprise_sso: { enabled: false, self_serve_sso: false, self_serve_directory_sync: false },
      sign_in: { second_factor: { required: false, enabled: false } },
      sign_up: {
        allowlist_only: false,
        progressive: true,
        captcha_enabled: false,
        mode: "public",
        legal_consent_enabled: false,
      },
      password_settings: {
        allowed_special_characters: "",
        disable_hibp: true,
        min_length: MIN_PASSWORD_LENGTH,
        max_length: 72,
        require_special_char: false,
        require_numbers: false,
        require_uppercase: false,
        require_lowercase: false,
        show_zxcvbn: false,
        min_zxcvbn_strength: 0,
      },
      passkey_settings: { allow_autofill: false, show_sign_in_button: false },
      username_settings: { min_length: 4, max_length: 64 },
      attack_protection: { enumeration_protection: { enabled: false } },
    },
    organization_settings: {
      enabled: true,
      max_allowed_memberships: 0,
      force_organization_selection: false,
      actions: { admin_delete: true },
      domains: { enabled: false, enrollment_modes: [], default_role: "org:member" },
      slug: { disabled: false },
      organization_creation_defaults: { enabled: false },
    },
    commerce_settings: {
      billing: {
        stripe_publishable_key: null,
        organization: { enabled: false, has_paid_plans: false },
        user: { enabled: false, has_paid_plans: false },
      },
    },
    api_keys_settings: { user_api_keys_enabled: false, orgs_api_keys_enabled: false },
    protect_config: { object: "protect_config", id: "protect_standin" },
  };
}

function attribute(on: {
  enabled?: boolean;
  required?: boolean;
  used_for_first_factor?: boolean;
  immutable?: boolean;
}) {
  return {
    enabled: false,
    required: false,
    used_for_first_factor: false,
    first_factors: [],
    used_for_second_factor: false,
    second_factors: [],
    verifications: [],
    verify_at_sign_up: false,
    ...on,
  };
}
