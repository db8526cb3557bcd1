"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ConnectorEntry, connectorOf } from "@/components/notices/connector-entry";
import { useOwner } from "@/components/shell/owner";
import { Avatar } from "@/components/ui/avatar";
import { Breakable } from "@/components/ui/breakable";
import { LogoTile } from "@/components/ui/logo-tile";
import { RelativeTime } from "@/components/ui/relative-time";
import type { Departure } from "@/lib/api/departure-views";

type Props = { departure: Departure; connectors: ConnectorEntry[] };

/** One person who left: when, what stays and who is asked about it, what ended. */
export function DepartureRow({ departure, connectors }: Props) {
  const t = useTranslations("peopleLeft");
  const owner = useOwner();
  const { person, why, contact, stayed, stayed_count, left_at, returned_at } = departure;
  const { disconnected_count, keys_count, links_count } = departure;
  const name = person.name ?? t("somebody");
  const time = (iso: string) => () => <RelativeTime iso={iso} serverNow={owner.serverNow} />;
  const ended = [
    disconnected_count > 0 ? t("gone", { count: disconnected_count }) : null,
    keys_count > 0 ? t("keys", { count: keys_count }) : null,
    links_count > 0 ? t("links", { count: links_count }) : null,
  ].filter((line) => line !== null);
  return (
    <li data-departure={person.id} className="flex items-start gap-3 border-b border-line px-4 py-3 last:border-b-0">
      <Avatar name={name} />
      <div className="grid min-w-0 flex-1 gap-1.5">
        <div>
          <h3 className="wrap-any font-semibold">{name}</h3>
          <p className="text-xs text-ink-2">
            {t.rich(why, { when: time(left_at) })}
            {returned_at ? <> · {t.rich("returned", { when: time(returned_at) })}</> : null}
          </p>
        </div>
        {stayed_count > 0 ? (
          <div className="text-sm text-ink-2">
            <p>{t("stayed", { count: stayed_count })}</p>
            <ul className="my-1.5 grid gap-1.5">
              {stayed.map((connection) => {
                const connector = connectorOf(connectors, connection.connector);
                return (
                  <li key={connection.id} className="flex items-start gap-2">
                    <LogoTile logo={connector.logo} size="sm" />
                    <span className="wrap-any min-w-0 py-1">
                      <Link
                        href={`/connections/${connection.id}`}
                        prefetch={false}
                        className="rounded-sm font-medium text-ink hover:underline hover:underline-offset-3"
                      >
                        {connection.name ? (
                          <>
                            {connector.name} · <Breakable text={connection.name} />
                          </>
                        ) : (
                          `${connector.name} ${connection.number}`
                        )}
                      </Link>
                      {connection.disconnected ? <span className="text-xs"> · {t("disconnectedSince")}</span> : null}
                    </span>
                  </li>
                );
              })}
              {stayed_count > stayed.length ? <li>{t("more", { count: stayed_count - stayed.length })}</li> : null}
            </ul>
            <p>
              {contact
                ? t("contact", { person: contact.name, count: stayed_count })
                : t("noContact", { count: stayed_count })}
            </p>
          </div>
        ) : null}
        {ended.map((line) => (
          <p key={line} className="text-sm text-ink-2">
            {line}
          </p>
        ))}
        {stayed_count === 0 && ended.length === 0 ? <p className="text-sm text-ink-2">{t("nothing")}</p> : null}
      </div>
    </li>
  );
}
