// The AWS SDK for Go v2, unmodified, as Debian 12 has it. It speaks the Query protocol.
package go_sdk_v2

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// Computed from AWS's algorithm, and recorded on AWS.
const threeAttributesMD5 = "d3ebd7df0f4580a1b7a77feb8a9c4805"

var threeAttributes = map[string]types.MessageAttributeValue{
	"Zeta":  {DataType: aws.String("String"), StringValue: aws.String("é")},
	"blob":  {DataType: aws.String("Binary.png"), BinaryValue: []byte{0, 1, 255}},
	"Count": {DataType: aws.String("Number.int"), StringValue: aws.String("42")},
}

var background = context.Background()

var client = sqs.New(sqs.Options{
	EndpointResolver: sqs.EndpointResolverFromURL(os.Getenv("HEADRACE_URL")),
	Region:           "us-east-1",
	Credentials:      credentials.NewStaticCredentialsProvider("test", "test", ""),
	Retryer:          aws.NopRetryer{},
})

// must(action(...))(t): the answer, or the end of the test.
func must[T any](answer T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// A queue of the test: its URL.
func newQueue(t *testing.T, suffix string, attributes map[string]string) *string {
	t.Helper()
	name := strings.TrimPrefix(t.Name(), "Test") + suffix
	return must(client.CreateQueue(background, &sqs.CreateQueueInput{
		QueueName: &name, Attributes: attributes,
	}))(t).QueueUrl
}

func send(t *testing.T, queue *string, body string) *sqs.SendMessageOutput {
	t.Helper()
	return must(client.SendMessage(background, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: &body}))(t)
}

func receive(t *testing.T, queue *string, waitSeconds int32) []types.Message {
	t.Helper()
	return must(client.ReceiveMessage(background, &sqs.ReceiveMessageInput{
		QueueUrl:              queue,
		MaxNumberOfMessages:   10,
		WaitTimeSeconds:       waitSeconds,
		AttributeNames:        []types.QueueAttributeName{types.QueueAttributeNameAll},
		MessageAttributeNames: []string{"All"},
	}))(t).Messages
}

func receiveOne(t *testing.T, queue *string, waitSeconds int32) types.Message {
	t.Helper()
	messages := receive(t, queue, waitSeconds)
	expect(t, "messages", len(messages), 1)
	return messages[0]
}

func bodies(messages []types.Message) []string {
	all := []string{}
	for _, message := range messages {
		all = append(all, *message.Body)
	}
	return all
}

func attributes(t *testing.T, queue *string) map[string]string {
	t.Helper()
	return must(client.GetQueueAttributes(background, &sqs.GetQueueAttributesInput{
		QueueUrl: queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	}))(t).Attributes
}

func changeVisibility(t *testing.T, queue *string, message types.Message, seconds int32) *sqs.ChangeMessageVisibilityBatchOutput {
	t.Helper()
	return must(client.ChangeMessageVisibilityBatch(background, &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: queue,
		Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: aws.String("one"), ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: seconds},
		},
	}))(t)
}

func TestQueueIsCreatedFoundListedAndDeleted(t *testing.T) {
	queue := newQueue(t, "", map[string]string{"VisibilityTimeout": "45"})
	name := strings.TrimPrefix(t.Name(), "Test")
	expect(t, "URL", *queue, os.Getenv("HEADRACE_URL")+"/000000000000/"+name)
	found := must(client.GetQueueUrl(background, &sqs.GetQueueUrlInput{QueueName: &name}))(t)
	expect(t, "found", *found.QueueUrl, *queue)
	prefix := &sqs.ListQueuesInput{QueueNamePrefix: &name}
	expect(t, "listed", must(client.ListQueues(background, prefix))(t).QueueUrls, []string{*queue})

	must(client.SetQueueAttributes(background, &sqs.SetQueueAttributesInput{
		QueueUrl: queue, Attributes: map[string]string{"MaximumMessageSize": "2048"},
	}))(t)
	expect(t, "VisibilityTimeout", attributes(t, queue)["VisibilityTimeout"], "45")
	expect(t, "MaximumMessageSize", attributes(t, queue)["MaximumMessageSize"], "2048")

	must(client.DeleteQueue(background, &sqs.DeleteQueueInput{QueueUrl: queue}))(t)
	expect(t, "listed", len(must(client.ListQueues(background, prefix))(t).QueueUrls), 0)
}

func TestQueuesAreListedInPages(t *testing.T) {
	for _, suffix := range []string{"a", "b", "c"} {
		newQueue(t, suffix, nil)
	}
	pages := sqs.NewListQueuesPaginator(client, &sqs.ListQueuesInput{
		QueueNamePrefix: aws.String("QueuesAreListedInPages"), MaxResults: aws.Int32(2),
	})
	sizes := []int{}
	for pages.HasMorePages() {
		sizes = append(sizes, len(must(pages.NextPage(background))(t).QueueUrls))
	}
	expect(t, "sizes of the pages", sizes, []int{2, 1})
}

func TestMessageComesBackAsItWasSent(t *testing.T) {
	queue := newQueue(t, "", nil)
	body := "line\r\nnext\t\"quoted\" & <tag> é ✓ 😀"
	sent := must(client.SendMessage(background, &sqs.SendMessageInput{
		QueueUrl: queue, MessageBody: &body, MessageAttributes: threeAttributes,
	}))(t)
	expect(t, "MD5OfMessageAttributes", *sent.MD5OfMessageAttributes, threeAttributesMD5)
	message := receiveOne(t, queue, 0)
	expect(t, "MessageId", *message.MessageId, *sent.MessageId)
	expect(t, "Body", *message.Body, body)
	expect(t, "MessageAttributes", message.MessageAttributes, threeAttributes)
	expect(t, "MD5OfMessageAttributes", *message.MD5OfMessageAttributes, threeAttributesMD5)
	expect(t, "ApproximateReceiveCount", message.Attributes["ApproximateReceiveCount"], "1")
}

func TestBatchIsSentReceivedAndDeletedBadEntriesFailAlone(t *testing.T) {
	queue := newQueue(t, "", map[string]string{"MaximumMessageSize": "1024"})
	entries, want := []types.SendMessageBatchRequestEntry{}, []string{}
	for i := 0; i < 9; i++ {
		want = append(want, fmt.Sprintf("body %d ✓", i))
	}
	for i, body := range append(want[:9:9], strings.Repeat("x", 1025)) {
		entries = append(entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprintf("id-%d", i)), MessageBody: aws.String(body),
		})
	}
	sent := must(client.SendMessageBatch(background, &sqs.SendMessageBatchInput{
		QueueUrl: queue, Entries: entries,
	}))(t)
	expect(t, "successful", len(sent.Successful), 9)
	expect(t, "failed", len(sent.Failed), 1)
	expect(t, "code", *sent.Failed[0].Code, "InvalidParameterValue")
	expect(t, "fault", sent.Failed[0].SenderFault, true)

	messages := receive(t, queue, 0)
	got := bodies(messages)
	sort.Strings(got)
	expect(t, "bodies", got, want)
	handles := []types.DeleteMessageBatchRequestEntry{{Id: aws.String("bad"), ReceiptHandle: aws.String("garbage")}}
	for i, message := range messages {
		handles = append(handles, types.DeleteMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprint(i)), ReceiptHandle: message.ReceiptHandle,
		})
	}
	deleted := must(client.DeleteMessageBatch(background, &sqs.DeleteMessageBatchInput{
		QueueUrl: queue, Entries: handles,
	}))(t)
	expect(t, "deleted", len(deleted.Successful), 9)
	expect(t, "failed", *deleted.Failed[0].Code, "ReceiptHandleIsInvalid")
	expect(t, "in flight", attributes(t, queue)["ApproximateNumberOfMessagesNotVisible"], "0")
}

func TestLongPollIsEndedByAMessageOrItsTime(t *testing.T) {
	queue := newQueue(t, "", nil)
	begin := time.Now()
	expect(t, "messages", len(receive(t, queue, 1)), 0)
	if took := time.Since(begin); took < 950*time.Millisecond || took > 5*time.Second {
		t.Fatalf("took %v", took)
	}
	begin = time.Now()
	time.AfterFunc(300*time.Millisecond, func() {
		client.SendMessage(background, &sqs.SendMessageInput{
			QueueUrl: queue, MessageBody: aws.String("wake up"),
		})
	})
	expect(t, "Body", *receiveOne(t, queue, 20).Body, "wake up")
	if took := time.Since(begin); took < 300*time.Millisecond || took > 10*time.Second {
		t.Fatalf("took %v", took)
	}
}

func TestLongPollThatWasGivenUpTakesNoMessage(t *testing.T) {
	queue := newQueue(t, "", nil)
	patient, giveUp := context.WithTimeout(background, 300*time.Millisecond)
	defer giveUp()
	_, err := client.ReceiveMessage(patient, &sqs.ReceiveMessageInput{QueueUrl: queue, WaitTimeSeconds: 20})
	expect(t, "given up", errors.Is(err, context.DeadlineExceeded), true)
	time.Sleep(200 * time.Millisecond)
	send(t, queue, "for the next one")
	expect(t, "Body", *receiveOne(t, queue, 0).Body, "for the next one")
}

func TestVisibilityIsChangedAndADeletedMessageDoesNotComeBack(t *testing.T) {
	queue := newQueue(t, "", nil)
	sent := send(t, queue, "again")
	first := receiveOne(t, queue, 0)
	expect(t, "hidden", len(receive(t, queue, 0)), 0)
	must(client.ChangeMessageVisibility(background, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: queue, ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: 0,
	}))(t)
	second := receiveOne(t, queue, 0)
	expect(t, "MessageId", *second.MessageId, *sent.MessageId)
	expect(t, "ApproximateReceiveCount", second.Attributes["ApproximateReceiveCount"], "2")
	changed := changeVisibility(t, queue, second, 1)
	expect(t, "changed", *changed.Successful[0].Id, "one")
	third := receiveOne(t, queue, 10)
	must(client.DeleteMessage(background, &sqs.DeleteMessageInput{
		QueueUrl: queue, ReceiptHandle: third.ReceiptHandle,
	}))(t)
	expect(t, "left", attributes(t, queue)["ApproximateNumberOfMessagesNotVisible"], "0")
}

// This SDK leaves a zero out of a batch, which AWS refuses.
func TestVisibilityOfZeroInABatchIsRefusedAsOnAws(t *testing.T) {
	queue := newQueue(t, "", nil)
	send(t, queue, "stays in flight")
	changed := changeVisibility(t, queue, receiveOne(t, queue, 0), 0)
	expect(t, "changed", len(changed.Successful), 0)
	expect(t, "code", *changed.Failed[0].Code, "MissingParameter")
	expect(t, "fault", changed.Failed[0].SenderFault, true)
	expect(t, "message", *changed.Failed[0].Message,
		"The request must contain the parameter ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout.")
}

func TestDelayedMessageAppearsWhenItsDelayIsOver(t *testing.T) {
	queue := newQueue(t, "", nil)
	must(client.SendMessage(background, &sqs.SendMessageInput{
		QueueUrl: queue, MessageBody: aws.String("later"), DelaySeconds: 1,
	}))(t)
	expect(t, "messages", len(receive(t, queue, 0)), 0)
	expect(t, "Body", *receiveOne(t, queue, 10).Body, "later")
}

func TestFifoQueueKeepsTheOrderOfAGroupAndDropsDuplicates(t *testing.T) {
	queue := newQueue(t, ".fifo", map[string]string{"FifoQueue": "true"})
	for _, body := range []string{"a", "b", "b", "c"} {
		sent := must(client.SendMessage(background, &sqs.SendMessageInput{
			QueueUrl: queue, MessageBody: aws.String(body), MessageGroupId: aws.String("g"),
			MessageDeduplicationId: aws.String(body),
		}))(t)
		expect(t, "digits of SequenceNumber", len(*sent.SequenceNumber), 20)
	}
	messages := receive(t, queue, 0)
	expect(t, "bodies", bodies(messages), []string{"a", "b", "c"})
	expect(t, "MessageGroupId", messages[0].Attributes["MessageGroupId"], "g")
}

func TestMessageMovesToItsDeadLetterQueue(t *testing.T) {
	dead := newQueue(t, "-dead", nil)
	source := newQueue(t, "", map[string]string{
		"VisibilityTimeout": "0",
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":"%s","maxReceiveCount":1}`,
			attributes(t, dead)["QueueArn"]),
	})
	sources := must(client.ListDeadLetterSourceQueues(background,
		&sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead}))(t)
	expect(t, "sources", sources.QueueUrls, []string{*source})
	sent := send(t, source, "poison")
	receiveOne(t, source, 0)
	expect(t, "messages", len(receive(t, source, 0)), 0)
	message := receiveOne(t, dead, 0)
	expect(t, "MessageId", *message.MessageId, *sent.MessageId)
	expect(t, "source", message.Attributes["DeadLetterQueueSourceArn"], attributes(t, source)["QueueArn"])
}

func TestTagsAndPermissionsAreKept(t *testing.T) {
	queue := newQueue(t, "", nil)
	must(client.TagQueue(background, &sqs.TagQueueInput{
		QueueUrl: queue, Tags: map[string]string{"team": "a b", "empty": ""},
	}))(t)
	must(client.UntagQueue(background, &sqs.UntagQueueInput{QueueUrl: queue, TagKeys: []string{"empty"}}))(t)
	tags := must(client.ListQueueTags(background, &sqs.ListQueueTagsInput{QueueUrl: queue}))(t)
	expect(t, "tags", tags.Tags, map[string]string{"team": "a b"})

	must(client.AddPermission(background, &sqs.AddPermissionInput{
		QueueUrl: queue, Label: aws.String("partner"), AWSAccountIds: []string{"111122223333"},
		Actions: []string{"SendMessage"},
	}))(t)
	expect(t, "policy names the label", strings.Contains(attributes(t, queue)["Policy"], `"partner"`), true)
	must(client.RemovePermission(background, &sqs.RemovePermissionInput{
		QueueUrl: queue, Label: aws.String("partner"),
	}))(t)
	expect(t, "policy", attributes(t, queue)["Policy"], "")
}

func TestErrorsHaveTheirTypes(t *testing.T) {
	queue := newQueue(t, "", nil)
	_, err := client.GetQueueUrl(background, &sqs.GetQueueUrlInput{QueueName: aws.String("nobody")})
	var missing *types.QueueDoesNotExist
	expect(t, "missing queue", errors.As(err, &missing), true)
	_, err = client.DeleteMessage(background, &sqs.DeleteMessageInput{
		QueueUrl: queue, ReceiptHandle: aws.String("garbage"),
	})
	var invalid *types.ReceiptHandleIsInvalid
	expect(t, "invalid handle", errors.As(err, &invalid), true)
	_, err = client.SetQueueAttributes(background, &sqs.SetQueueAttributesInput{
		QueueUrl: queue, Attributes: map[string]string{"DelaySeconds": "901"},
	})
	var failure smithy.APIError
	expect(t, "bad value", errors.As(err, &failure), true)
	expect(t, "code", failure.ErrorCode(), "InvalidAttributeValue")
}

func TestPurgeEmptiesTheQueue(t *testing.T) {
	queue := newQueue(t, "", nil)
	send(t, queue, "a")
	must(client.PurgeQueue(background, &sqs.PurgeQueueInput{QueueUrl: queue}))(t)
	expect(t, "messages", attributes(t, queue)["ApproximateNumberOfMessages"], "0")
}
