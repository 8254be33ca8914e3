#include "facades/polardb_errors.h"

#include <pugixml.hpp>
#include <sstream>

#include "facades/common.h"

namespace baton::facades::alibaba {

using api::Reason;

const Code kHaStatus{400, "HaStatusNotSupport", "Current DB instance HA status does not support this operation."};
const Code kNodeId{400, "InvalidDBNodeId.Malformed", "The specified parameter DBNodeId is not valid."};
const Code kDbType{400, "InvalidDBType.Malformed", "The Specified DBType is not valid."};
const Code kTooFrequent{400, "UnsupportHighFrequenceSwitchOver",
                        "The instance has switch over too frequent within ten minutes."};
const Code kUnhealthy{400, "UnsupportWitchUnhealthyReplication",
                      "The action is unsupported with unhealthy replication."};
const Code kNodeType{403, "OperationDenied.DBNodeType", "The operation is not permitted due to type of node."};
const Code kCategory{403, "OperationDenied.ClusterCategory", "The operation is not permitted due to cluster category."};
const Code kClusterNotFound{404, "InvalidDBCluster.NotFound",
                            "The DBClusterId provided does not exist in our records."};
const Code kClusterIdMalformed{404, "InvalidDBClusterId.Malformed",
                               "The specified parameter DBClusterId is not valid."};

const Code kInvalidAction{404, "InvalidAction.NotFound",
                          "Specified api is not found, please check your url and method."};
const Code kInvalidVersion{400, "InvalidVersion", "Specified parameter Version is not valid."};
const Code kInvalidParameter{400, "InvalidParameter", "The parameters of the request can not be read."};
const Code kMethod{405, "UnsupportedHTTPMethod", "This HTTP method is not supported."};
const Code kForbidden{403, "Forbidden.RAM",
                      "User not authorized to operate on the specified resource, or this API doesn't support RAM."};
const Code kMismatch{400, "IdempotentParameterMismatch",
                     "The request uses the same client token as a previous, but non-identical request."};
const Code kUnavailable{503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."};
const Code kInternal{500, "InternalError", "The request processing has failed due to some unknown error."};

Code missing(const std::string& parameter) {
  return {400, "MissingParameter",
          "The input parameter \"" + parameter + "\" that is mandatory for processing this request is not supplied."};
}
Code malformed(const std::string& parameter) {
  return {400, "Invalid" + parameter + ".Malformed", "The specified parameter " + parameter + " is not valid."};
}

Code ofFault(const Outcome& o) {
  switch (o.fault) {
    case AuthFault::Unknown:
      return {404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."};
    case AuthFault::Expired:
    case AuthFault::Stale:
      return {400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."};
    case AuthFault::Replayed:
      return {400, "SignatureNonceUsed", "Specified signature nonce was used already."};
    case AuthFault::Wrong:
    case AuthFault::TooMany:
      // Clients look for what follows the colon.
      return {400, "SignatureDoesNotMatch",
              "Specified signature is not matched with our calculation. server string to sign is:" + o.signedText};
    case AuthFault::Missing:
      return missing("AccessKeyId");
    default:
      return {400, "IncompleteSignature", "The request signature does not conform to Aliyun standards: " + o.message};
  }
}

Code ofReason(Reason reason) {
  switch (reason) {
    case Reason::CandidateNotFound:
      return kNodeId;
    case Reason::AlreadyPrimary:
      return kNodeType;
    case Reason::TooFrequent:
      return kTooFrequent;
    case Reason::UnhealthyReplication:
      return kUnhealthy;
    case Reason::Disabled:
    case Reason::NotSupported:
      return kCategory;
    case Reason::GroupNotFound:
      return kClusterNotFound;
    default:
      return kHaStatus;
  }
}

namespace {

bool wantsXml(const Call& call) {
  auto format = http::parameter(call.query, "Format");
  std::optional<http::Parameters> form;
  if (!format) {
    form = http::parameters(call.body);
    if (form) format = http::parameter(*form, "Format");
  }
  return format && sameWord(*format, "XML");
}

/// A flat object, as JSON or as XML.
http::Response answer(const Call& call, int status, const char* root,
                      const std::vector<std::pair<const char*, std::string>>& fields) {
  if (!wantsXml(call)) {
    api::Json j;
    for (const auto& [name, value] : fields) j[name] = value;
    http::Response r = jsonAnswer(status, j);
    r.headers[0].second += ";charset=utf-8";
    return r;
  }
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node node = document.append_child(root);
  for (const auto& [name, value] : fields) node.append_child(name).text().set(xmlText(value).c_str());
  std::ostringstream out;
  document.save(out, "", pugi::format_raw);
  return {status, {{"Content-Type", "text/xml;charset=utf-8"}}, out.str()};
}

}  // namespace

http::Response errorAnswer(const Call& call, const Code& code, const std::string& why) {
  return answer(call, code.status, "Error",
                {{"RequestId", call.id},
                 {"HostId", call.host},
                 {"Code", code.code},
                 {"Message", code.message},
                 {"Recommend", why}});
}

http::Response success(const Call& call, const std::string& requestId) {
  return answer(call, 200, "FailoverDBClusterResponse", {{"RequestId", requestId}});
}

}  // namespace baton::facades::alibaba
