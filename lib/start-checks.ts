import "server-only";
import { Server } from "node:net";
import { type Environment, env } from "@/lib/env";
import { log } from "@/lib/log";

/**
 * Threat: a deployment that runs on the embedded stack's keys lets anybody in, and a demo that listens on the network
 * shows its seeded passwords to the neighbourhood. One that is told of other hosts for the providers hands them tokens.
 * Invariant: production needs real keys unless it is said to be a demo, a demo listens on loopback only, and providers
 * are elsewhere in a demo alone, on loopback.
 * Guarded by lib/start-checks.test.ts.
 */

const isLoopback = (host: string) => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
const hostOf = (address: string) => new URL(address).hostname;

/** Whether a Clerk publishable key is a stand-in's: it holds its instance's host in base64. */
function publishableKeyText(key: string): string {
  return `${key} ${Buffer.from(key.split("_")[2] ?? "", "base64").toString("latin1")}`;
}

const isStandin = (key: string | undefined) => key !== undefined && /standin/i.test(key);

function standins(settings: Environment) {
  const { clerk, supabase, nango, panora, oauth } = settings;
  return {
    clerk:
      isStandin(publishableKeyText(clerk.publishableKey)) ||
      isStandin(clerk.secretKey) ||
      isStandin(clerk.webhookSigningSecret),
    supabase: isStandin(supabase.publishableKey) || isStandin(supabase.secretKey),
    nango: nango.enabled && isStandin(nango.webhookSigningKey),
    panora: isStandin(panora.api?.apiKey),
    "direct sign-in": Object.values(oauth.clients).some(({ clientSecret }) => isStandin(clientSecret)),
  };
}

/**
 * What is wrong with a combination of settings that are each well-formed.
 * @returns one line for the operator, or null
 */
export function settingsProblem(settings: Environment): string | null {
  const { clerk, supabase } = settings;
  const stand = standins(settings);
  const names = Object.entries(stand).flatMap(([name, used]) => (used ? [name] : []));
  if (settings.production && !settings.demo && names.length > 0) {
    return `These keys belong to the embedded stack: ${names.join(", ")}. Set real ones, or PATCHBAY_DEMO=1 if this is a demo on your own machine.`;
  }
  if (settings.demo && !isLoopback(hostOf(settings.appUrl))) {
    return "PATCHBAY_DEMO=1 is for your own machine only: APP_URL must be on localhost. Unset it and set real keys to deploy.";
  }
  // Whoever may say where a provider is gets the tokens that are meant for it.
  if (!settings.demo && Object.keys(settings.oauth.providerHosts).length > 0) {
    return "PROVIDER_HOSTS is for the embedded stack: it sends what is meant for providers to other hosts. Unset it.";
  }
  if (!Object.values(settings.oauth.providerHosts).every((address) => isLoopback(hostOf(address)))) {
    return "PROVIDER_HOSTS may lead to this machine only.";
  }
  if (isStandin(publishableKeyText(clerk.publishableKey)) !== isStandin(clerk.secretKey)) {
    return "Clerk's two keys do not belong together: one is the embedded stack's, the other is real. Set both or neither.";
  }
  if (stand.clerk && !isLoopback(hostOf(supabase.url))) {
    return "A real Supabase needs a real Clerk: it cannot read the signing keys of one on this machine. Set Clerk's keys as well, or leave Supabase's out.";
  }
  if (
    isLoopback(hostOf(supabase.url)) !== isLoopback(hostOf(supabase.databaseUrl.replace(/^postgres(ql)?:/, "http:")))
  ) {
    return "SUPABASE_URL and DATABASE_URL lead to different databases: one is on this machine, the other is not.";
  }
  return null;
}

/** Addresses on which this process listens; empty when the runtime does not tell. */
function listeningAddresses(): string[] {
  // No public interface lists a process's own servers; this one has been there since the first Node.
  const { _getActiveHandles: activeHandles } = process as { _getActiveHandles?: () => unknown[] };
  return (activeHandles?.() ?? []).flatMap((handle) => {
    const address = handle instanceof Server ? handle.address() : null;
    return typeof address === "object" && address !== null ? [address.address] : [];
  });
}

/**
 * Checks the settings when the server starts, and ends the process with one line when it must not run on them.
 */
export function checkAtStart(): void {
  let problem: string | null;
  try {
    const settings = env();
    problem = settingsProblem(settings);
    if (problem === null && settings.demo) {
      const exposed = listeningAddresses().filter((address) => !isLoopback(address.replace(/^::ffff:/, "")));
      if (exposed.length > 0) problem = "A demo listens on loopback only: start it with --hostname localhost.";
    }
  } catch (error) {
    problem = error instanceof Error ? error.message : "Settings cannot be read.";
  }
  if (problem === null) {
    log().debug("settings are fine");
    return;
  }
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}
