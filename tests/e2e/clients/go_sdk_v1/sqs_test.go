// The AWS SDK for Go v1, unmodified, as Debian 12 has it. It speaks the Query protocol.
package go_sdk_v1

import (
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sqs"
)

// Computed from AWS's algorithm, and recorded on AWS.
const threeAttributesMD5 = "d3ebd7df0f4580a1b7a77feb8a9c4805"

var threeAttributes = map[string]*sqs.MessageAttributeValue{
	"Zeta":  {DataType: aws.String("String"), StringValue: aws.String("é")},
	"blob":  {DataType: aws.String("Binary.png"), BinaryValue: []byte{0, 1, 255}},
	"Count": {DataType: aws.String("Number.int"), StringValue: aws.String("42")},
}

var client = sqs.New(session.Must(session.NewSession(&aws.Config{
	Endpoint:    aws.String(os.Getenv("HEADRACE_URL")),
	Region:      aws.String("us-east-1"),
	Credentials: credentials.NewStaticCredentials("test", "test", ""),
	MaxRetries:  aws.Int(0),
})))

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

func expectError(t *testing.T, err error, code string, status int) {
	t.Helper()
	failure, ok := err.(awserr.RequestFailure)
	if !ok {
		t.Fatalf("no answer of the server: %v", err)
	}
	expect(t, "code", failure.Code(), code)
	expect(t, "status", failure.StatusCode(), status)
	expect(t, "length of the request id", len(failure.RequestID()), 36)
}

// A queue of the test: its URL.
func newQueue(t *testing.T, suffix string, attributes map[string]string) *string {
	t.Helper()
	name := strings.TrimPrefix(t.Name(), "Test") + suffix
	return must(client.CreateQueue(&sqs.CreateQueueInput{
		QueueName:  &name,
		Attributes: aws.StringMap(attributes),
	}))(t).QueueUrl
}

func send(t *testing.T, queue *string, body string) *sqs.SendMessageOutput {
	t.Helper()
	return must(client.SendMessage(&sqs.SendMessageInput{
		QueueUrl: queue, MessageBody: &body,
	}))(t)
}

func receive(t *testing.T, queue *string, waitSeconds int64) []*sqs.Message {
	t.Helper()
	return must(client.ReceiveMessage(&sqs.ReceiveMessageInput{
		QueueUrl:              queue,
		MaxNumberOfMessages:   aws.Int64(10),
		WaitTimeSeconds:       &waitSeconds,
		AttributeNames:        aws.StringSlice([]string{"All"}),
		MessageAttributeNames: aws.StringSlice([]string{"All"}),
	}))(t).Messages
}

func receiveOne(t *testing.T, queue *string, waitSeconds int64) *sqs.Message {
	t.Helper()
	messages := receive(t, queue, waitSeconds)
	expect(t, "messages", len(messages), 1)
	return messages[0]
}

func bodies(messages []*sqs.Message) []string {
	all := []string{}
	for _, message := range messages {
		all = append(all, *message.Body)
	}
	return all
}

func attributes(t *testing.T, queue *string) map[string]string {
	t.Helper()
	return aws.StringValueMap(must(client.GetQueueAttributes(&sqs.GetQueueAttributesInput{
		QueueUrl: queue, AttributeNames: aws.StringSlice([]string{"All"}),
	}))(t).Attributes)
}

func TestQueueIsCreatedFoundListedAndDeleted(t *testing.T) {
	queue := newQueue(t, "", map[string]string{"VisibilityTimeout": "45"})
	name := strings.TrimPrefix(t.Name(), "Test")
	expect(t, "URL", *queue, os.Getenv("HEADRACE_URL")+"/000000000000/"+name)
	found := must(client.GetQueueUrl(&sqs.GetQueueUrlInput{QueueName: &name}))(t)
	expect(t, "found", *found.QueueUrl, *queue)
	prefix := &sqs.ListQueuesInput{QueueNamePrefix: &name}
	listed := must(client.ListQueues(prefix))(t)
	expect(t, "listed", aws.StringValueSlice(listed.QueueUrls), []string{*queue})

	must(client.SetQueueAttributes(&sqs.SetQueueAttributesInput{
		QueueUrl: queue, Attributes: aws.StringMap(map[string]string{"MaximumMessageSize": "2048"}),
	}))(t)
	expect(t, "VisibilityTimeout", attributes(t, queue)["VisibilityTimeout"], "45")
	expect(t, "MaximumMessageSize", attributes(t, queue)["MaximumMessageSize"], "2048")

	must(client.DeleteQueue(&sqs.DeleteQueueInput{QueueUrl: queue}))(t)
	listed = must(client.ListQueues(prefix))(t)
	expect(t, "listed", len(listed.QueueUrls), 0)
}

func TestQueuesAreListedInPages(t *testing.T) {
	for _, suffix := range []string{"a", "b", "c"} {
		newQueue(t, suffix, nil)
	}
	sizes := []int{}
	err := client.ListQueuesPages(&sqs.ListQueuesInput{
		QueueNamePrefix: aws.String("QueuesAreListedInPages"), MaxResults: aws.Int64(2),
	}, func(page *sqs.ListQueuesOutput, last bool) bool {
		sizes = append(sizes, len(page.QueueUrls))
		return true
	})
	expect(t, "error", err, nil)
	expect(t, "sizes of the pages", sizes, []int{2, 1})
}

func TestMessageComesBackAsItWasSent(t *testing.T) {
	queue := newQueue(t, "", nil)
	body := "line\r\nnext\t\"quoted\" & <tag> é ✓ 😀"
	sent := must(client.SendMessage(&sqs.SendMessageInput{
		QueueUrl: queue, MessageBody: &body, MessageAttributes: threeAttributes,
	}))(t)
	expect(t, "MD5OfMessageAttributes", *sent.MD5OfMessageAttributes, threeAttributesMD5)
	message := receiveOne(t, queue, 0)
	expect(t, "MessageId", *message.MessageId, *sent.MessageId)
	expect(t, "Body", *message.Body, body)
	expect(t, "MessageAttributes", message.MessageAttributes, threeAttributes)
	expect(t, "MD5OfMessageAttributes", *message.MD5OfMessageAttributes, threeAttributesMD5)
	expect(t, "ApproximateReceiveCount", *message.Attributes["ApproximateReceiveCount"], "1")
}

func TestBatchIsSentReceivedAndDeletedBadEntriesFailAlone(t *testing.T) {
	queue := newQueue(t, "", map[string]string{"MaximumMessageSize": "1024"})
	entries, want := []*sqs.SendMessageBatchRequestEntry{}, []string{}
	for i := 0; i < 9; i++ {
		want = append(want, fmt.Sprintf("body %d ✓", i))
	}
	for i, body := range append(want[:9:9], strings.Repeat("x", 1025)) {
		entries = append(entries, &sqs.SendMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprintf("id-%d", i)), MessageBody: aws.String(body),
		})
	}
	sent := must(client.SendMessageBatch(
		&sqs.SendMessageBatchInput{QueueUrl: queue, Entries: entries}))(t)
	expect(t, "successful", len(sent.Successful), 9)
	expect(t, "failed", len(sent.Failed), 1)
	expect(t, "code", *sent.Failed[0].Code, "InvalidParameterValue")
	expect(t, "fault", *sent.Failed[0].SenderFault, true)

	messages := receive(t, queue, 0)
	got := bodies(messages)
	sort.Strings(got)
	expect(t, "bodies", got, want)
	handles := []*sqs.DeleteMessageBatchRequestEntry{{Id: aws.String("bad"), ReceiptHandle: aws.String("garbage")}}
	for i, message := range messages {
		handles = append(handles, &sqs.DeleteMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprint(i)), ReceiptHandle: message.ReceiptHandle,
		})
	}
	deleted := must(client.DeleteMessageBatch(
		&sqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: handles}))(t)
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
		client.SendMessage(&sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("wake up")})
	})
	expect(t, "Body", *receiveOne(t, queue, 20).Body, "wake up")
	if took := time.Since(begin); took < 300*time.Millisecond || took > 10*time.Second {
		t.Fatalf("took %v", took)
	}
}

func TestVisibilityIsChangedAndADeletedMessageDoesNotComeBack(t *testing.T) {
	queue := newQueue(t, "", nil)
	sent := send(t, queue, "again")
	first := receiveOne(t, queue, 0)
	expect(t, "hidden", len(receive(t, queue, 0)), 0)
	must(client.ChangeMessageVisibility(&sqs.ChangeMessageVisibilityInput{
		QueueUrl: queue, ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: aws.Int64(0),
	}))(t)
	second := receiveOne(t, queue, 0)
	expect(t, "MessageId", *second.MessageId, *sent.MessageId)
	expect(t, "ApproximateReceiveCount", *second.Attributes["ApproximateReceiveCount"], "2")
	changed := must(client.ChangeMessageVisibilityBatch(
		&sqs.ChangeMessageVisibilityBatchInput{
			QueueUrl: queue,
			Entries: []*sqs.ChangeMessageVisibilityBatchRequestEntry{
				{Id: aws.String("one"), ReceiptHandle: second.ReceiptHandle, VisibilityTimeout: aws.Int64(0)},
			},
		}))(t)
	expect(t, "changed", *changed.Successful[0].Id, "one")
	third := receiveOne(t, queue, 0)
	must(client.DeleteMessage(
		&sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: third.ReceiptHandle}))(t)
	expect(t, "left", attributes(t, queue)["ApproximateNumberOfMessagesNotVisible"], "0")
}

func TestDelayedMessageAppearsWhenItsDelayIsOver(t *testing.T) {
	queue := newQueue(t, "", nil)
	must(client.SendMessage(&sqs.SendMessageInput{
		QueueUrl: queue, MessageBody: aws.String("later"), DelaySeconds: aws.Int64(1),
	}))(t)
	expect(t, "messages", len(receive(t, queue, 0)), 0)
	expect(t, "Body", *receiveOne(t, queue, 10).Body, "later")
}

func TestFifoQueueKeepsTheOrderOfAGroupAndDropsDuplicates(t *testing.T) {
	queue := newQueue(t, ".fifo", map[string]string{"FifoQueue": "true"})
	for _, body := range []string{"a", "b", "b", "c"} {
		sent := must(client.SendMessage(&sqs.SendMessageInput{
			QueueUrl: queue, MessageBody: aws.String(body), MessageGroupId: aws.String("g"),
			MessageDeduplicationId: aws.String(body),
		}))(t)
		expect(t, "digits of SequenceNumber", len(*sent.SequenceNumber), 20)
	}
	messages := receive(t, queue, 0)
	expect(t, "bodies", bodies(messages), []string{"a", "b", "c"})
	expect(t, "MessageGroupId", *messages[0].Attributes["MessageGroupId"], "g")
}

func TestMessageMovesToItsDeadLetterQueue(t *testing.T) {
	dead := newQueue(t, "-dead", nil)
	source := newQueue(t, "", map[string]string{
		"VisibilityTimeout": "0",
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":"%s","maxReceiveCount":1}`,
			attributes(t, dead)["QueueArn"]),
	})
	sources := must(client.ListDeadLetterSourceQueues(
		&sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead}))(t)
	expect(t, "sources", aws.StringValueSlice(sources.QueueUrls), []string{*source})
	sent := send(t, source, "poison")
	receiveOne(t, source, 0)
	expect(t, "messages", len(receive(t, source, 0)), 0)
	message := receiveOne(t, dead, 0)
	expect(t, "MessageId", *message.MessageId, *sent.MessageId)
	expect(t, "source", *message.Attributes["DeadLetterQueueSourceArn"], attributes(t, source)["QueueArn"])
}

func TestTagsAndPermissionsAreKept(t *testing.T) {
	queue := newQueue(t, "", nil)
	must(client.TagQueue(&sqs.TagQueueInput{
		QueueUrl: queue, Tags: aws.StringMap(map[string]string{"team": "a b", "empty": ""}),
	}))(t)
	must(client.UntagQueue(&sqs.UntagQueueInput{
		QueueUrl: queue, TagKeys: aws.StringSlice([]string{"empty"}),
	}))(t)
	tags := must(client.ListQueueTags(&sqs.ListQueueTagsInput{QueueUrl: queue}))(t)
	expect(t, "tags", aws.StringValueMap(tags.Tags), map[string]string{"team": "a b"})

	must(client.AddPermission(&sqs.AddPermissionInput{
		QueueUrl: queue, Label: aws.String("partner"),
		AWSAccountIds: aws.StringSlice([]string{"111122223333"}),
		Actions:       aws.StringSlice([]string{"SendMessage"}),
	}))(t)
	expect(t, "policy names the label", strings.Contains(attributes(t, queue)["Policy"], `"partner"`), true)
	must(client.RemovePermission(&sqs.RemovePermissionInput{
		QueueUrl: queue, Label: aws.String("partner"),
	}))(t)
	expect(t, "policy", attributes(t, queue)["Policy"], "")
}

func TestErrorsHaveTheirCodes(t *testing.T) {
	queue := newQueue(t, "", nil)
	_, err := client.GetQueueUrl(&sqs.GetQueueUrlInput{QueueName: aws.String("nobody")})
	expectError(t, err, sqs.ErrCodeQueueDoesNotExist, 400)
	_, err = client.DeleteMessage(&sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: aws.String("garbage")})
	expectError(t, err, sqs.ErrCodeReceiptHandleIsInvalid, 404)
	_, err = client.SendMessageBatch(&sqs.SendMessageBatchInput{
		QueueUrl: queue, Entries: []*sqs.SendMessageBatchRequestEntry{},
	})
	expectError(t, err, sqs.ErrCodeEmptyBatchRequest, 400)
}

func TestPurgeEmptiesTheQueue(t *testing.T) {
	queue := newQueue(t, "", nil)
	send(t, queue, "a")
	must(client.PurgeQueue(&sqs.PurgeQueueInput{QueueUrl: queue}))(t)
	expect(t, "messages", attributes(t, queue)["ApproximateNumberOfMessages"], "0")
}
