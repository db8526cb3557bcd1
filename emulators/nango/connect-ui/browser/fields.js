// @ts-check
/**
 * Which fields a person is asked for, out of the provider's entry in the catalogue. Knows nothing of the page.
 *
 * @typedef {{ title?: string, description?: string, example?: string, pattern?: string, optional?: boolean,
 *   format?: string, order?: number, default_value?: string, hidden?: unknown, prefix?: string, suffix?: string,
 *   secret?: unknown, automated?: boolean, enum?: string[] }} Schema
 * @typedef {{ group: "credentials" | "params", name: string, title: string, description: string, example: string,
 *   pattern: string, optional: boolean, format: string, value: string, hidden: boolean, prefix: string,
 *   suffix: string, secret: boolean, options: string[], order: number }} Field
 * @typedef {{ auth_mode: string, credentials?: Record<string, Schema>, connection_config?: Record<string, Schema> }} Provider
 */

/** What each auth mode needs at least, where the provider's entry says nothing. */
/** @type {Record<string, Record<string, Schema>>} */
const BASE = {
  API_KEY: { apiKey: { title: "API key", secret: true } },
  BASIC: { username: { title: "User name" }, password: { title: "Password", secret: true } },
  OAUTH2_CC: { client_id: { title: "Client ID" }, client_secret: { title: "Client secret", secret: true } },
  AWS_SIGV4: { role_arn: { title: "IAM role ARN", example: "arn:aws:iam::123456789012:role/Access" } },
};

/**
 * The fields, in the order they are asked: settings that have a place of their own, then credentials, then the rest.
 *
 * @param {Provider} provider
 * @param {Record<string, unknown>} preset settings that the session prescribes, which are not asked
 * @returns {Field[]}
 */
export function fieldsOf(provider, preset) {
  const base = BASE[provider.auth_mode] ?? {};
  /** @type {Record<string, Schema>} */
  const credentials = {};
  for (const name of new Set([...Object.keys(base), ...Object.keys(provider.credentials ?? {})])) {
    credentials[name] = { ...base[name], ...provider.credentials?.[name] };
  }
  const asked = Object.entries(credentials).map(([name, schema], index) =>
    field("credentials", name, schema, 100 + index),
  );
  const settings = Object.entries(provider.connection_config ?? {})
    .filter(([name, schema]) => !schema.automated && preset[name] === undefined)
    .map(([name, schema], index) => field("params", name, schema, schema.order || 1000 + index));
  return [...asked.filter(({ name }) => !credentials[name]?.automated), ...settings].sort((a, b) => a.order - b.order);
}

/**
 * @param {"credentials" | "params"} group
 * @param {string} name
 * @param {Schema} schema
 * @param {number} order
 * @returns {Field}
 */
function field(group, name, schema, order) {
  return {
    group,
    name,
    order,
    // Some entries say it in the title as well.
    title: (schema.title || name).replace(/\s*\(optional\)$/i, ""),
    description: schema.description ?? "",
    example: schema.example ?? "",
    pattern: schema.pattern ?? "",
    format: schema.format ?? "",
    optional: Boolean(schema.optional) || schema.default_value === "",
    value: schema.default_value ?? "",
    hidden: truthy(schema.hidden),
    prefix: schema.prefix ?? "",
    suffix: schema.suffix ?? "",
    secret: truthy(schema.secret) || (group === "credentials" && /secret|password|apikey|token/i.test(name)),
    options: schema.enum ?? [],
  };
}

/** @param {unknown} value the catalogue writes flags as booleans and as text */
function truthy(value) {
  return value === true || value === "true";
}

/**
 * What a person typed, as it is sent: trimmed, and without a prefix or suffix that the field shows already.
 * @param {Field} field
 * @param {string} typed
 */
export function cleaned(field, typed) {
  let value = typed.trim();
  if (field.prefix && value.startsWith(field.prefix)) value = value.slice(field.prefix.length);
  if (field.suffix && value.endsWith(field.suffix)) value = value.slice(0, -field.suffix.length);
  if (field.prefix === "https://" || field.format === "hostname") value = value.replace(/^https?:\/\//, "");
  if (field.format === "hostname") value = value.replace(/\/+$/, "");
  return value;
}

/**
 * What is wrong with a value: nothing, that it is missing, or that it has the wrong shape.
 * @param {Field} field
 * @param {string} value
 * @returns {"" | "required" | "shape"}
 */
export function problemOf(field, value) {
  if (value === "") return field.optional || field.hidden ? "" : "required";
  if (field.pattern && !matches(field.pattern, value)) return "shape";
  if (field.format === "hostname" && !/^[\w-]+(\.[\w-]+)*(:\d+)?$/.test(value)) return "shape";
  if (field.format === "uri" && !URL.canParse(value)) return "shape";
  if (field.format === "email" && !/^\S+@\S+$/.test(value)) return "shape";
  return "";
}

/**
 * @param {string} pattern
 * @param {string} value
 */
function matches(pattern, value) {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    // A pattern that no browser understands refuses nobody.
    return true;
  }
}
