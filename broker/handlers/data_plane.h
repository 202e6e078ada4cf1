#pragma once

#include <functional>

#include "DataPlane.h"
#include "broker/handlers/claim_partitions.h"
#include "broker/handlers/commit_offsets.h"
#include "broker/handlers/fetch.h"
#include "broker/handlers/fetch_offsets.h"
#include "broker/handlers/get_message.h"
#include "broker/handlers/group_control.h"
#include "broker/handlers/list_offsets.h"
#include "broker/handlers/metadata.h"
#include "broker/handlers/produce.h"
#include "broker/handlers/reset_offsets.h"
#include "broker/handlers/server_info.h"

namespace lanemq::broker {

/// The generated service, each method passed on to its handler. Called on I/O threads.
class DataPlane final : public idl::DataPlaneCobSvIf {
 public:
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ErrorCob = std::function<void(::apache::thrift::TDelayedException*)>;

  explicit DataPlane(const HandlerContext& context)
      : produce_(context),
        fetch_(context),
        commit_offsets_(context),
        fetch_offsets_(context),
        list_offsets_(context),
        get_message_(context),
        claim_partitions_(context),
        reset_offsets_(context),
        group_control_(context),
        metadata_(context),
        server_info_(context) {}

  void produce(Cob<idl::ProduceResponse> cob, ErrorCob error,
               const idl::ProduceRequest& request) override {
    produce_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void fetch(Cob<idl::FetchResponse> cob, ErrorCob error,
             const idl::FetchRequest& request) override {
    fetch_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void commitOffsets(Cob<idl::CommitOffsetsResponse> cob, ErrorCob error,
                     const idl::CommitOffsetsRequest& request) override {
    commit_offsets_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void fetchOffsets(Cob<idl::FetchOffsetsResponse> cob, ErrorCob error,
                    const idl::FetchOffsetsRequest& request) override {
    fetch_offsets_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void listOffsets(Cob<idl::ListOffsetsResponse> cob, ErrorCob error,
                   const idl::ListOffsetsRequest& request) override {
    list_offsets_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void getMessage(Cob<idl::GetMessageResponse> cob, ErrorCob error,
                  const idl::GetMessageRequest& request) override {
    get_message_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void metadata(Cob<idl::MetadataResponse> cob, ErrorCob error,
                const idl::MetadataRequest& request) override {
    metadata_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void serverInfo(Cob<idl::ServerInfo> cob, ErrorCob error,
                  const idl::ServerInfoRequest&) override {
    server_info_.Handle({std::move(cob), std::move(error)});
  }

  void claimPartitions(Cob<idl::ClaimPartitionsResponse> cob, ErrorCob error,
                       const idl::ClaimPartitionsRequest& request) override {
    claim_partitions_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void resetOffsets(Cob<idl::ResetOffsetsResponse> cob, ErrorCob error,
                    const idl::ResetOffsetsRequest& request) override {
    reset_offsets_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void listOffsetResets(Cob<idl::ListOffsetResetsResponse> cob, ErrorCob error,
                        const idl::ListOffsetResetsRequest& request) override {
    reset_offsets_.Handle(request, {std::move(cob), std::move(error)});
  }
  void pauseGroup(Cob<idl::PauseGroupResponse> cob, ErrorCob error,
                  const idl::PauseGroupRequest& request) override {
    group_control_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void deleteOffsets(Cob<idl::DeleteOffsetsResponse> cob, ErrorCob error,
                     const idl::DeleteOffsetsRequest& request) override {
    group_control_.Handle(Take(request), {std::move(cob), std::move(error)});
  }

 private:
  // The request is a local of the generated caller, decoded for us alone and not looked at again:
  // moving out of it saves a copy of every payload.
  template <typename T>
  static T&& Take(const T& request) {
    return std::move(const_cast<T&>(request));
  }

  ProduceHandler produce_;
  FetchHandler fetch_;
  CommitOffsetsHandler commit_offsets_;
  FetchOffsetsHandler fetch_offsets_;
  ListOffsetsHandler list_offsets_;
  GetMessageHandler get_message_;
  ClaimPartitionsHandler claim_partitions_;
  ResetOffsetsHandler reset_offsets_;
  GroupControlHandler group_control_;
  MetadataHandler metadata_;
  ServerInfoHandler server_info_;
};

}  // namespace lanemq::broker
