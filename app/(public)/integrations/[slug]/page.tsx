import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Abilities } from "@/components/connectors/abilities";
import { BeforeYouConnect } from "@/components/connectors/before-you-connect";
import { shownCards } from "@/components/connectors/shown-cards";
import { LogoTile } from "@/components/ui/logo-tile";
import { connectorCard } from "@/lib/catalogue/connectors";
import { manifests } from "@/lib/catalogue/manifests";

export const dynamicParams = false;
type Props = { params: Promise<{ slug: string }> };

export function generateStaticParams() {
  return shownCards().map(({ slug }) => ({ slug }));
}

async function manifestOf({ params }: Props) {
  return manifests.get((await params).slug) ?? notFound();
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { name, description } = await manifestOf(props);
  return { title: name, description };
}

export default async function IntegrationPage(props: Props) {
  const manifest = await manifestOf(props);
  const t = await getTranslations("integrations");
  const labels = await getTranslations("categories");
  const kinds = await getTranslations("authKinds");
  const card = connectorCard(manifest);
  return (
    <div className="mx-auto max-w-[1100px] px-4 pt-8 sm:px-6">
      <nav aria-label={t("breadcrumbs")} className="mb-4 text-sm text-ink-3">
        <ol className="flex flex-wrap gap-1.5">
          <li>
            <a className="rounded-sm hover:text-ink hover:underline" href="/integrations">
              {t("title")}
            </a>
          </li>
          <li aria-hidden="true">/</li>
          <li>
            <a className="rounded-sm hover:text-ink hover:underline" href={`/integrations/categories/${card.category}`}>
              {labels(card.category)}
            </a>
          </li>
        </ol>
      </nav>
      <header className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-3">
        <LogoTile logo={card.logo} size="lg" eager />
        <div className="min-w-0 flex-1 basis-56">
          <h1 className="wrap-any text-title font-semibold tracking-[-0.02em]">{card.name}</h1>
          <p className="text-ink-2">{card.description}</p>
        </div>
        {card.status === "unavailable" ? null : (
          <a className="btn btn-solid h-9" href={`/connectors/${card.slug}`}>
            {t("connect", { name: card.name })}
          </a>
        )}
      </header>
      {card.status === "unavailable" ? (
        <p className="panel mb-[18px] px-4 py-3 text-ink-2">{manifest.unavailable_reason ?? t("unavailable")}</p>
      ) : null}
      <div className="grid items-start gap-x-6 gap-y-[18px] lg:grid-cols-[minmax(0,1fr)_300px]">
        <div className="grid gap-[18px]">
          <Abilities manifest={manifest} />
        </div>
        <div className="grid gap-[18px]">
          {card.authKind === "none" ? null : (
            <p className="panel flex items-center justify-between gap-3 px-4 py-3 text-sm">
              {t("signIn")}
              <span className="chip">{kinds(card.authKind)}</span>
            </p>
          )}
          <BeforeYouConnect manifest={manifest} />
        </div>
      </div>
    </div>
  );
}
