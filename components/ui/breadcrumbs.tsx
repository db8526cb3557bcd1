import Link from "next/link";
import { useTranslations } from "next-intl";

/** The way back to the list that a page belongs to: the catalogue, unless it is said to be the connections. */
export function Breadcrumbs({ here, from = "connectors" }: { here: string; from?: "connectors" | "connections" }) {
  const t = useTranslations("shell");
  return (
    <nav aria-label={t("breadcrumbs")} className="mb-3.5 text-sm text-ink-3">
      <ol className="flex flex-wrap gap-1.5">
        <li>
          <Link href={`/${from}`} className="rounded-sm hover:text-ink hover:underline">
            {t(from)}
          </Link>
        </li>
        <li aria-hidden="true">/</li>
        <li aria-current="page" className="wrap-any">
          {here}
        </li>
      </ol>
    </nav>
  );
}
