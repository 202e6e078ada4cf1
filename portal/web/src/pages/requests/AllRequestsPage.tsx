import { RequestsView } from './RequestsPage';

export default function AllRequestsPage() {
  return <RequestsView view="all" />;
}
