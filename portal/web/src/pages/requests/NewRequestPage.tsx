export { NewRequestPage as default } from './EditRequestPage';
