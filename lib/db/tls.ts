/**
 * The driver speaks in clear unless told otherwise. Anything but loopback is encrypted; a URL that names its sslmode
 * decides for itself (verify-full needs the provider's certificate on this machine).
 */
export function tlsFor(databaseUrl: string): { ssl?: "require" } {
  const url = new URL(databaseUrl);
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return loopback || url.searchParams.has("sslmode") ? {} : { ssl: "require" };
}
