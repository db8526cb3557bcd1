import Link from "next/link";
import { useTranslations } from "next-intl";

/** The way back to the catalogue. */
export function Breadcrumbs({ here }: { here: string }) {
  const t = useTranslations("shell");
  return (
    <nav aria-label={t("breadcrumbs")} className="mb-3.5 text-sm text-ink-3">
      <ol className="flex flex-wrap gap-1.5">
        <li>
          <Link href="/connectors" className="rounded-sm hover:text-ink hover:underline">
            {t("connectors")}
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
