/** Every page: its path and its code, which is fetched when it is first opened. One line for a page. */
import { type ComponentType, lazy, type LazyExoticComponent } from 'react';

export type PageProps = { params: Record<string, string> };
type PageModule = { default: ComponentType<PageProps> };

export interface Route {
  /** "/topics/:name"; parameters come decoded. */
  path: string;
  page: LazyExoticComponent<ComponentType<PageProps>>;
}

const route = (path: string, load: () => Promise<PageModule>): Route => ({ path, page: lazy(load) });

export const routes: Route[] = [
  route('/', () => import('@/pages/home/HomePage')),
  route('/topics', () => import('@/pages/topics/TopicsPage')),
  route('/new-topic', () => import('@/pages/newTopic/NewTopicPage')),
  route('/topics/:name', () => import('@/pages/topics/TopicPage')),
  route('/topics/:name/messages', () => import('@/pages/messages/MessagesPage')),
  route('/topics/:name/messages/:partition/:offset', () => import('@/pages/messages/MessagePage')),
  route('/topics/:name/partitions', () => import('@/pages/topics/PartitionsPage')),
  route('/topics/:name/subscriptions', () => import('@/pages/topics/SubscriptionsPage')),
  route('/topics/:name/delayed', () => import('@/pages/topics/DelayedPage')),
  route('/topics/:name/settings', () => import('@/pages/topics/SettingsPage')),
  route('/topics/:name/history', () => import('@/pages/topics/HistoryPage')),
  route('/groups', () => import('@/pages/groups/GroupsPage')),
  route('/groups/:group', () => import('@/pages/groups/GroupPage')),
  route('/groups/:group/partitions', () => import('@/pages/groups/PartitionsPage')),
  route('/groups/:group/members', () => import('@/pages/groups/MembersPage')),
  route('/groups/:group/offsets', () => import('@/pages/groups/OffsetsPage')),
  route('/groups/:group/retry', () => import('@/pages/groups/RetryPage')),
  route('/groups/:group/dead-letters', () => import('@/pages/deadLetters/DeadLettersPage')),
  route('/groups/:group/alerts', () => import('@/pages/groups/GroupAlertsPage')),
  route('/groups/:group/history', () => import('@/pages/groups/HistoryPage')),
  route('/dead-letters', () => import('@/pages/deadLetters/AllLettersPage')),
  route('/alerts', () => import('@/pages/alerts/AlertsPage')),
  route('/alerts/silences', () => import('@/pages/alerts/SilencesPage')),
  route('/alerts/events', () => import('@/pages/alerts/EventsPage')),
  route('/alerts/objectives', () => import('@/pages/alerts/ObjectivesPage')),
  route('/alerts/channels', () => import('@/pages/alerts/ChannelsPage')),
  route('/alerts/rules', () => import('@/pages/alerts/RulesPage')),
  route('/alerts/incidents/:incident', () => import('@/pages/alerts/IncidentPage')),
  route('/outboxes', () => import('@/pages/outboxes/OutboxesPage')),
  route('/requests', () => import('@/pages/requests/RequestsPage')),
  route('/requests/mine', () => import('@/pages/requests/MyRequestsPage')),
  route('/requests/all', () => import('@/pages/requests/AllRequestsPage')),
  route('/requests/new', () => import('@/pages/requests/NewRequestPage')),
  route('/requests/:id', () => import('@/pages/requests/RequestPage')),
  route('/requests/:id/edit', () => import('@/pages/requests/EditRequestPage')),
  route('/teams', () => import('@/pages/teams/TeamsPage')),
  route('/teams/:name', () => import('@/pages/teams/TeamPage')),
  route('/people', () => import('@/pages/people/PeoplePage')),
  route('/password', () => import('@/pages/people/OwnPasswordPage')),
  route('/quotas', () => import('@/pages/quotas/QuotasPage')),
  route('/hygiene', () => import('@/pages/hygiene/HygienePage')),
  route('/grants', () => import('@/pages/grants/GrantsPage')),
  route('/grants/check', () => import('@/pages/grants/CheckPage')),
  route('/owners', () => import('@/pages/grants/OwnersPage')),
  route('/services', () => import('@/pages/tokens/ServicesPage')),
  route('/tokens', () => import('@/pages/tokens/TokensPage')),
  route('/audit', () => import('@/pages/audit/AuditPage')),
  route('/admin/brokers', () => import('@/pages/admin/ServersPage')),
  route('/admin/settings', () => import('@/pages/admin/SettingsPage')),
  route('/admin/capacity', () => import('@/pages/admin/CapacityPage')),
  route('/admin/placement', () => import('@/pages/admin/PlacementPage')),
  route('/admin/nodes', () => import('@/pages/admin/NodesPage')),
  route('/admin/nodes/:name', () => import('@/pages/admin/NodePage')),
  route('/admin/moves', () => import('@/pages/admin/MovesPage')),
  route('/admin/consistency', () => import('@/pages/admin/ConsistencyPage')),
  route('/admin/slow', () => import('@/pages/admin/SlowCallsPage')),
  route('/admin/policy', () => import('@/pages/policy/PolicyPage')),
  route('/admin/policy/edit', () => import('@/pages/policy/EditPolicyPage')),
];
