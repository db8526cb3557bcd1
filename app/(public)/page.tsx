import { Eye, KeyRound, ShieldCheck, Users } from "lucide-react";
import { useTranslations } from "next-intl";
import { brand } from "@/brand";
import { shownCards } from "@/components/connectors/shown-cards";
import { LogoTile } from "@/components/ui/logo-tile";

/** Marks that most people know, as far as this deployment shows them. */
const wellKnown = [
  "gmail", "slack", "github", "hubspot", "notion", "google-drive", "stripe", "linear", "outlook-mail", "shopify",
  "openai", "google-calendar", "dropbox", "asana", "airtable", "twilio", "jira", "zoom",
]; // biome-ignore format: a list of names

export default function LandingPage() {
  const t = useTranslations("landing");
  const cards = shownCards();
  const marks = wellKnown.flatMap((slug) => cards.find((card) => card.slug === slug && card.logo.src) ?? []);
  const promises = [
    { key: "keys", icon: <KeyRound size={17} aria-hidden="true" /> },
    { key: "truth", icon: <Eye size={17} aria-hidden="true" /> },
    { key: "sharing", icon: <Users size={17} aria-hidden="true" /> },
    { key: "leaving", icon: <ShieldCheck size={17} aria-hidden="true" /> },
  ] as const;
  return (
    <div className="mx-auto max-w-[1100px] px-4 sm:px-6">
      <section className="mx-auto grid max-w-2xl justify-items-center pt-20 pb-14 text-center sm:pt-28">
        <h1 className="text-[2rem] leading-[1.12] font-semibold tracking-[-0.035em] sm:text-[2.75rem]">{t("title")}</h1>
        <p className="mt-4 max-w-xl text-[1.0625rem] leading-7 text-balance text-ink-2">
          {t("lead", { brand: brand.name, count: cards.length })}
        </p>
        <div className="mt-7 flex flex-wrap justify-center gap-2.5">
          <a href="/connectors" className="btn btn-solid btn-lg">
            {t("connect")}
          </a>
          <a href="/integrations" className="btn btn-lg">
            {t("browse", { count: cards.length })}
          </a>
        </div>
      </section>

      <section aria-label={t("marks")}>
        <ul className="mx-auto flex max-w-[760px] flex-wrap justify-center gap-2.5">
          {marks.map((card) => (
            <li key={card.slug}>
              <a
                href={`/integrations/${card.slug}`}
                title={card.name}
                aria-label={card.name}
                className="block rounded-xl"
              >
                <LogoTile logo={card.logo} size="lg" eager />
              </a>
            </li>
          ))}
        </ul>
      </section>

      <section aria-labelledby="how" className="pt-20">
        <h2 id="how" className="text-title font-semibold tracking-[-0.02em]">
          {t("how")}
        </h2>
        <ul className="mt-4 grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
          {promises.map(({ key, icon }) => (
            <li key={key} className="panel p-4">
              <span className="text-ink-2">{icon}</span>
              <h3 className="mt-2.5 font-semibold">{t(`promises.${key}.title`)}</h3>
              <p className="mt-1 text-sm text-ink-2">{t(`promises.${key}.text`)}</p>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
