import { RequestsView } from './RequestsPage';

export default function MyRequestsPage() {
  return <RequestsView view="mine" />;
}
