-- What is granted on a topic or group is found by its name: when it is deleted, and when rights on it are shown.
ALTER TABLE access_grants
  ADD KEY by_object (kind, name);
