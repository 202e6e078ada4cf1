import { useT } from '@/i18n/translate';
import { Cards, Page } from '@/ui/Page';

import { BehindCard } from './BehindCard';
import { AlertsCard, CanaryCard, StarredCard } from './cards';
import { LettersCard } from './LettersCard';
import { MineCard, WaitsCard } from './RequestsCards';

/** What needs somebody now. Each card reads for itself: one that fails leaves the others. */
export default function HomePage() {
  const t = useT();
  return (
    <Page title={t('home.title')}>
      <StarredCard />
      <BehindCard />
      <Cards>
        <AlertsCard />
        <WaitsCard />
        <LettersCard />
        <MineCard />
        <CanaryCard />
      </Cards>
    </Page>
  );
}
