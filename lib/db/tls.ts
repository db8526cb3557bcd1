/**
 * The driver speaks in clear unless told otherwise. Anything but loopback is encrypted; a URL that names its sslmode
 * decides for itself (verify-full needs the provider's certificate on this machine).
 */
export function tlsFor(databaseUrl: string): { ssl?: "require" } {
  const url = new URL(databaseUrl);
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return loopback || url.searchParams.has("sslmode") ? {} : { ssl: "require" };
}

/**
 * The same for the job queue's driver, which takes a URL only. It reads "require" as "verify against the authorities of
 * this machine", which Supabase's is not among.
 */
export function queueUrl(databaseUrl: string, applicationName: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set("application_name", applicationName);
  if (tlsFor(databaseUrl).ssl) url.searchParams.set("sslmode", "no-verify");
  return url.href;
}
