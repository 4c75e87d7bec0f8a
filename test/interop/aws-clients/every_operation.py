"""Calls every operation that this boto3's model knows, and prints what came of each as one JSON object.

Reads {"endpoint", "region", "id", "secret", "liveChannelArn", "publicKeyPem"} from standard input.
An operation that answers anything but what is wanted here ends the script.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

given = json.load(sys.stdin)
ivs = boto3.client(
    "ivs",
    endpoint_url=given["endpoint"],
    region_name=given["region"],
    aws_access_key_id=given["id"],
    aws_secret_access_key=given["secret"],
    aws_session_token="ignored",
    config=Config(retries={"total_max_attempts": 1}),
)
model = ivs.meta.service_model
known = set(model.operation_names)
called = {}


def members_known(operation, members):
    """Only what this model has: older ones lack newer members."""
    shape = model.operation_model(operation).input_shape
    return {name: value for name, value in members.items() if name in shape.members}


def call(operation, **members):
    """Calls the operation if the model knows it; else answers with nothing."""
    if operation not in known:
        return {}
    method = next(name for name, of in ivs.meta.method_to_api_mapping.items() if of == operation)
    answer = getattr(ivs, method)(**members_known(operation, members))
    called[operation] = answer["ResponseMetadata"]["HTTPStatusCode"]
    assert len(answer["ResponseMetadata"]["RequestId"]) == 36
    return answer


def refused(error_name, status, operation, **members):
    """The same for a call that must be refused."""
    try:
        call(operation, **members)
    except ClientError as error:
        assert error.response["Error"]["Code"] == error_name, error
        assert error.response["Error"]["Message"].startswith(error_name + ": "), error
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error
        return
    assert operation not in known, f"{operation} was not refused"


def tags():
    tagged = call("CreateChannel", name="tagged", tags={"team": "straße", "a b": "c/d=e+f"})
    arn = tagged["channel"]["arn"]
    call("TagResource", resourceArn=arn, tags={"more": "1", "@x:y": ""})
    call("UntagResource", resourceArn=arn, tagKeys=["team", "a b"])
    assert call("ListTagsForResource", resourceArn=arn)["tags"] == {"more": "1", "@x:y": ""}
    call("DeleteChannel", arn=arn)


def channels():
    made = call("CreateChannel", name="from-boto3", latencyMode="NORMAL", type="BASIC", insecureIngest=True)
    arn, key_arn = made["channel"]["arn"], made["streamKey"]["arn"]
    assert call("GetChannel", arn=arn)["channel"] == made["channel"]
    batch = call("BatchGetChannel", arns=[arn, arn[:-12] + "abcdABCDefgh"])
    assert [len(batch["channels"]), batch["errors"][0]["code"]] == [1, "404"]
    assert call("UpdateChannel", arn=arn, name="renamed")["channel"]["name"] == "renamed"
    assert [each["arn"] for each in call("ListChannels", filterByName="renamed")["channels"]] == [arn]
    assert call("GetStreamKey", arn=key_arn)["streamKey"] == made["streamKey"]
    assert call("BatchGetStreamKey", arns=[key_arn])["streamKeys"] == [made["streamKey"]]
    assert len(call("ListStreamKeys", channelArn=arn)["streamKeys"]) == 1
    refused("ServiceQuotaExceededException", 402, "CreateStreamKey", channelArn=arn)
    call("DeleteStreamKey", arn=key_arn)
    call("CreateStreamKey", channelArn=arn)
    refused("ChannelNotBroadcasting", 404, "GetStream", channelArn=arn)
    refused("ValidationException", 400, "UpdateChannel", arn=arn, name="not allowed")
    call("DeleteChannel", arn=arn)
    refused("ResourceNotFoundException", 404, "GetChannel", arn=arn)
    pages = ivs.get_paginator("list_channels").paginate(PaginationConfig={"PageSize": 1})
    assert sum(len(page["channels"]) for page in pages) == 1


def key_pairs():
    pem = given["publicKeyPem"]
    pair = call("ImportPlaybackKeyPair", publicKeyMaterial=pem, name="key")["keyPair"]
    assert call("GetPlaybackKeyPair", arn=pair["arn"])["keyPair"] == pair
    refused("ConflictException", 409, "ImportPlaybackKeyPair", publicKeyMaterial=pem)
    assert len(call("ListPlaybackKeyPairs")["keyPairs"]) == 1
    call("DeletePlaybackKeyPair", arn=pair["arn"])


def attachables():
    made = call("CreatePlaybackRestrictionPolicy", allowedCountries=["DE"], allowedOrigins=["https://a.example"])
    policy = made.get("playbackRestrictionPolicy", {}).get("arn")
    assert policy is None or call("GetPlaybackRestrictionPolicy", arn=policy) is not None
    call("UpdatePlaybackRestrictionPolicy", arn=policy, enableStrictOriginEnforcement=True)
    call("ListPlaybackRestrictionPolicies")
    call("DeletePlaybackRestrictionPolicy", arn=policy)
    destination = {"s3": {"bucketName": "from-boto3"}}
    recording = call("CreateRecordingConfiguration", destinationConfiguration=destination)
    arn = recording["recordingConfiguration"]["arn"]
    assert call("GetRecordingConfiguration", arn=arn)["recordingConfiguration"]["destinationConfiguration"] == destination
    assert len(call("ListRecordingConfigurations")["recordingConfigurations"]) == 1
    call("DeleteRecordingConfiguration", arn=arn)
    account = given["liveChannelArn"].split(":")[4]
    ads = f"arn:aws:mediatailor:{given['region']}:{account}:playbackConfiguration/ads"
    made = call("CreateAdConfiguration", mediaTailorPlaybackConfigurations=[{"playbackConfigurationArn": ads}])
    arn = made.get("adConfiguration", {}).get("arn")
    call("GetAdConfiguration", arn=arn)
    call("UpdateAdConfiguration", arn=arn, name="renamed")
    call("ListAdConfigurations")
    call("DeleteAdConfiguration", arn=arn)


def live():
    arn = given["liveChannelArn"]
    stream = call("GetStream", channelArn=arn)["stream"]
    assert stream["startTime"].tzinfo is not None
    assert [each["streamId"] for each in call("ListStreams")["streams"]] == [stream["streamId"]]
    call("ListStreamSessions", channelArn=arn)
    session = call("GetStreamSession", channelArn=arn)["streamSession"]
    assert session["channel"]["arn"] == arn
    call("PutMetadata", channelArn=arn, metadata='{"score": "1:0 – ⚽"}')
    refused("ValidationException", 400, "PutMetadata", channelArn=arn, metadata="x" * 2000)
    call("InsertAdBreak", channelArn=arn, durationSeconds=30)
    call("StartViewerSessionRevocation", channelArn=arn, viewerId="ann")
    viewers = [{"channelArn": arn, "viewerId": "bob", "viewerSessionVersionsLessThanOrEqualTo": 3}]
    assert call("BatchStartViewerSessionRevocation", viewerSessions=viewers).get("errors", []) == []
    refused("ConflictException", 409, "DeleteChannel", arn=arn)
    call("StopStream", channelArn=arn)


for part in (tags, channels, key_pairs, attachables, live):
    part()
json.dump({"called": called, "unknown": sorted(known - set(called))}, sys.stdout)
