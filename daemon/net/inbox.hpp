/// Tasks from any thread to one.
#pragma once

#include "daemon/base/executor.hpp"

#include <atomic>
#include <utility>

namespace belfry::net {

/// A lock-free queue with many producers and one consumer; order of one producer is kept.
class Inbox {
public:
    Inbox() = default;
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;
    ~Inbox() { clear(); }

    /// The consumer's thread: destroys what is there, unrun.
    void clear() {
        // What a task holds may post once more when it is destroyed.
        while (Node* left = take()) {
            discard(left);
        }
    }

    /// Any thread. True if the queue was empty: the consumer must be woken.
    bool push(Task task) {
        Node* head = head_.load(std::memory_order_relaxed);
        auto* node = new Node{std::move(task), head};
        while (!head_.compare_exchange_weak(head, node, std::memory_order_seq_cst,
                                            std::memory_order_relaxed)) {
            node->next = head;
        }
        return head == nullptr;  // the node is the consumer's now, and may be gone
    }

    /// The consumer's thread: runs what was there when called, in order. The number of tasks run.
    std::size_t run() {
        Node* node = take();
        std::size_t count = 0;
        while (node != nullptr) {
            Node* next = node->next;
            Task task = std::move(node->task);
            delete node;
            node = next;
            task();
            ++count;
        }
        return count;
    }

private:
    struct Node {
        Task task;
        Node* next;
    };

    /// Everything that is queued, oldest first.
    Node* take() {
        Node* newest = head_.exchange(nullptr, std::memory_order_seq_cst);
        Node* oldest = nullptr;
        while (newest != nullptr) {
            Node* next = newest->next;
            newest->next = oldest;
            oldest = newest;
            newest = next;
        }
        return oldest;
    }

    static void discard(Node* node) {
        while (node != nullptr) {
            Node* next = node->next;
            delete node;
            node = next;
        }
    }

    std::atomic<Node*> head_{nullptr};
};

}  // namespace belfry::net
